/** Options of a page or attributes of an element, parsed: a bad value is warned about and replaced by its default. */

import type { Consent, EngineTap, Links, Options, Token, Upload } from '../public/types.js';
import { isMobile } from './conditions.js';

/** Options with nothing left open. */
export interface Settings {
  readonly p2p: boolean;
  readonly upload: Upload;
  readonly consent: Consent;
  readonly iceServers: readonly RTCIceServer[];
  readonly descriptor: string | undefined;
  readonly trackers: readonly string[] | undefined;
  readonly token: Token | undefined;
  readonly links: Links;
  readonly cacheBytesMax: number;
  readonly catchUpRate: number;
  readonly statsIntervalMs: number;
  readonly request: ((url: string) => RequestInit) | undefined;
  readonly recorder: EngineTap | undefined;
}

type Warn = (message: string) => void;

const LINKS_MAX = 64;
const CACHE_BYTES_MIN = 8_000_000;
const CACHE_BYTES_MAX = 512_000_000;
const CATCH_UP_RATE = 1.05;
const CATCH_UP_RATE_MAX = 1.5;
const STATS_INTERVAL_MS_MIN = 100;
const STATS_INTERVAL_MS_MAX = 60_000;

export function warnOnConsole(message: string): void {
  console.warn(`@shoal/player: ${message}`);
}

/** Fills in the defaults. */
export function parseOptions(options: Options = {}, warn: Warn = warnOnConsole, mobile = isMobile()): Settings {
  const pick = <T>(name: keyof Options, valid: (value: unknown) => boolean, fallback: T): T => {
    const value: unknown = options[name];
    if (value === undefined) return fallback;
    if (valid(value)) return value as T;
    warn(`option ${name} is ${show(value)}; ${show(fallback)} is used`);
    return fallback;
  };
  const boolean = (value: unknown): boolean => typeof value === 'boolean';
  return {
    p2p: pick('p2p', boolean, true),
    upload: pick<Upload>('upload', (value) => value === 'visible' || boolean(value), true),
    consent: pick<Consent>('consent', isConsent, 'not-required'),
    iceServers: pick('iceServers', isIceServers, []),
    descriptor: pick('descriptor', isUrl, undefined),
    trackers: pick('trackers', isTrackers, undefined),
    token: pick('token', isToken, undefined),
    links: pick('links', isLinks, mobile ? { aim: 6, max: 8 } : { aim: 12, max: 16 }),
    cacheBytesMax: pick('cacheBytesMax', between(CACHE_BYTES_MIN, CACHE_BYTES_MAX), mobile ? 32_000_000 : 64_000_000),
    catchUpRate: pick('catchUpRate', between(1, CATCH_UP_RATE_MAX), CATCH_UP_RATE),
    statsIntervalMs: pick('statsIntervalMs', between(STATS_INTERVAL_MS_MIN, STATS_INTERVAL_MS_MAX), 1_000),
    request: pick('request', (value) => typeof value === 'function', undefined),
    recorder: pick('recorder', (value) => typeof (value as EngineTap | null)?.tap === 'function', undefined),
  };
}

/** Attributes of the element as options; absent ones are left out. */
export function optionsOfAttributes(attribute: (name: string) => string | null, warn: Warn = warnOnConsole): Options {
  const options: { -readonly [Name in keyof Options]: Options[Name] } = {};
  const [p2p, upload] = [attribute('p2p'), attribute('upload')];
  if (p2p !== null) options.p2p = onOff('p2p', p2p, warn);
  if (upload !== null) options.upload = upload === 'visible' ? upload : onOff('upload', upload, warn);
  const consent = attribute('consent');
  if (consent !== null) options.consent = consent as Consent; // Judged by `parseOptions`, as the option is.
  const descriptor = attribute('descriptor');
  if (descriptor !== null) options.descriptor = descriptor;
  const token = attribute('token');
  if (token !== null) options.token = token;
  const ice = attribute('ice-servers');
  if (ice !== null) options.iceServers = json('ice-servers', ice, warn) as readonly RTCIceServer[];
  return options;
}

function onOff(name: string, value: string, warn: Warn): boolean {
  if (value === 'off') return false;
  if (value !== 'on' && value !== '') warn(`attribute ${name} is ${show(value)}; "on" is used`);
  return true;
}

function json(name: string, text: string, warn: Warn): unknown {
  try {
    return JSON.parse(text);
  } catch {
    warn(`attribute ${name} is not JSON; it is ignored`);
    return [];
  }
}

function isConsent(value: unknown): boolean {
  return value === 'not-required' || value === 'required' || value === 'granted';
}

function isToken(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'string' && value !== '');
}

export function isIceServers(value: unknown): value is readonly RTCIceServer[] {
  return Array.isArray(value) && value.every((server) => {
    const urls: unknown = (server as { urls?: unknown } | null)?.urls;
    return [urls].flat().every((url) => typeof url === 'string' && /^(stun|turn)s?:/.test(url));
  });
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && URL.canParse(value, globalThis.document?.baseURI ?? 'http://localhost');
}

function isTrackers(value: unknown): boolean {
  return Array.isArray(value) && value.length <= 8 && value.every((url) => typeof url === 'string' && /^wss?:\/\//.test(url));
}

function isLinks(value: unknown): boolean {
  const { aim, max } = (value ?? {}) as { aim?: unknown; max?: unknown };
  return [aim, max].every(between(1, LINKS_MAX)) && [aim, max].every(Number.isInteger) && Number(aim) <= Number(max);
}

function between(least: number, most: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= least && value <= most;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
