/** What the server of the page says of its stack (`page.json`). */

/** Where the stream's room is. */
export interface Place {
  readonly ws: string;
  readonly api: string;
  readonly room: string;
}

/** The room that the text names; `null` where it names none. */
export function placeOf(text: string): Place | null {
  try {
    const { chat } = JSON.parse(text) as { readonly chat?: Partial<Record<keyof Place, unknown>> };
    const { ws, api, room } = chat ?? {};
    return typeof ws === 'string' && typeof api === 'string' && typeof room === 'string' ? { ws, api, room } : null;
  } catch {
    return null;
  }
}
