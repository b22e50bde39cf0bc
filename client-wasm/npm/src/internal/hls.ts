/** What hls.js knows, as the session wants to know it: playlists, dates, the playhead, and the descriptor's place. */

import type Hls from 'hls.js';
import type { Events, Fragment, HlsListeners, LevelDetails } from 'hls.js';
import type { Lifetime } from './lifetime.js';
import { bufferedUntil, streamTime } from './timeline.js';

/** The DATA-ID of EXT-X-SESSION-DATA whose URI is the descriptor's. */
export const DESCRIPTOR_DATA_ID = 'live.shoal.descriptor';

/** This much further from live than the player aims at still counts as live. */
export const EDGE_SECONDS = 3;

/** What the session is told. */
export interface HlsEvents {
  /** The stream's playlist is there; the URL of the descriptor that it names. */
  manifestLoaded(descriptor: string | undefined): void;
  /** A media playlist was loaded or reloaded. */
  playlist(details: LevelDetails): void;
  /** The instance is being destroyed. */
  destroying(): void;
}

/** Where the player is, in stream time (ms). */
export interface Position {
  readonly at: number;
  readonly bufferedUntil: number;
  readonly playing: boolean;
}

// The names are written out so that a page's own hls.js is the only one: of the library, types alone are imported.
const MANIFEST_LOADED = 'hlsManifestLoaded' as Events.MANIFEST_LOADED;
const LEVEL_UPDATED = 'hlsLevelUpdated' as Events.LEVEL_UPDATED;
const AUDIO_TRACK_UPDATED = 'hlsAudioTrackUpdated' as Events.AUDIO_TRACK_UPDATED;
const DESTROYING = 'hlsDestroying' as Events.DESTROYING;

/** Listens to an instance until the lifetime ends. */
export function watchHls(hls: Hls, lifetime: Lifetime, events: HlsEvents): void {
  const on = <Name extends keyof HlsListeners>(name: Name, listener: HlsListeners[Name]): void => {
    hls.on(name, listener);
    lifetime.onEnd(() => { hls.off(name, listener); });
  };
  on(MANIFEST_LOADED, (_, { sessionData, networkDetails, url }) => {
    const reference = sessionData?.[DESCRIPTOR_DATA_ID]?.['URI'] ?? linked(networkDetails);
    events.manifestLoaded(reference === undefined ? undefined : absolute(reference, url));
  });
  on(LEVEL_UPDATED, (_, { details }) => { events.playlist(details); });
  on(AUDIO_TRACK_UPDATED, (_, { details }) => { events.playlist(details); });
  on(DESTROYING, () => { events.destroying(); });
}

/** The media playlists that are loaded now. */
export function playlists(hls: Hls): LevelDetails[] {
  return [...hls.levels, ...hls.audioTracks].flatMap(({ details }) => details ?? []);
}

/** Where the player is; `undefined` before it is anywhere, and for streams without dates. */
export function position(hls: Hls): Position | undefined {
  const { media } = hls;
  const segments = hls.latestLevelDetails?.fragments;
  if (media == null || segments === undefined) return undefined;
  const started = media.buffered.length > 0;
  const from = started ? media.currentTime : (hls.liveSyncPosition ?? media.currentTime);
  const at = streamTime(segments, from);
  const until = streamTime(segments, started ? bufferedUntil(media.buffered, from) : from);
  if (at === undefined || until === undefined) return undefined;
  const playing = !media.paused && !media.ended && media.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  return { at, bufferedUntil: Math.max(at, until), playing: playing || (!media.paused && media.played.length > 0) };
}

/** Seconds behind the live edge; `null` where there is none, and before the first picture, which is not yet anywhere. */
export function behindLiveSeconds({ latency, latestLevelDetails, media }: Hls): number | null {
  return latestLevelDetails?.live === true && (media?.played.length ?? 0) > 0 ? latency : null;
}

/** Seconds of media ahead of the picture. */
export function bufferSeconds(hls: Hls): number {
  const { media } = hls;
  return media == null ? 0 : Math.max(0, bufferedUntil(media.buffered, media.currentTime) - media.currentTime);
}

/** Rows for the engine of the segments after `last`: rendition, segment, start, duration. */
export function rowsAfter(fragments: readonly Fragment[], rendition: number, last: number): number[] {
  const rows: number[] = [];
  for (const { sn, programDateTime, duration } of fragments) {
    if (typeof sn !== 'number' || sn <= last || programDateTime === null) continue;
    rows.push(rendition, sn, programDateTime, Math.round(duration * 1_000));
  }
  return rows;
}

/** A playlist's URL without what names a session or a reload. */
export function bareUrl(url: string): string {
  return url.replace(/[?#].*$/, '');
}

/** The descriptor that a Link header names, where the playlist itself does not. */
function linked(details: unknown): string | undefined {
  const header = details instanceof XMLHttpRequest
    ? /^link: (.*)$/im.exec(details.getAllResponseHeaders())?.[1] // Asking by name warns where the header is not exposed.
    : details instanceof Response ? details.headers.get('link') : undefined;
  return /<([^>]*)>\s*;[^,]*\brel="?describedby\b[^,]*application\/json/i.exec(header ?? '')?.[1];
}

function absolute(reference: string, base: string): string | undefined {
  return URL.canParse(reference, base) ? new URL(reference, base).href : undefined;
}
