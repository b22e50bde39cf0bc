/** Comments over a picture, as a page sees them: lines, settings, and what became of the lines. Types only. */

/** How a line is shown. */
export type LineKind =
  /** Crosses the picture from right to left. */
  | 'scroll'
  /** Stands at the top. */
  | 'top'
  /** Stands at the bottom of the part that lines may cover. */
  | 'bottom'
  /** Gifts and paid lines: stands at the left, in rows of its own. */
  | 'paid';

/** Who gives way when it is full: the later in this list, the sooner. `control` lines come from the room itself. */
export type LineClass = 'control' | 'paid' | 'own' | 'chat' | 'ambient';

/** One line of comment. */
export interface Line {
  readonly text: string;
  /** A name to take it back by; lines with a name that is shown already are not shown twice. */
  readonly id?: string;
  /** Default `'scroll'`. */
  readonly kind?: LineKind;
  /** Default `'chat'`. */
  readonly class?: LineClass;
  /** A CSS colour. Default white. */
  readonly color?: string;
  /** Who said it: blocked people are not shown. */
  readonly person?: number;
  readonly name?: string;
  /** How long a paid line stays, in milliseconds; 4 to 30 s. */
  readonly holdMs?: number;
}

/** Somebody whose lines are kept away. */
export interface Person {
  readonly id: number;
  /** As the viewer knew them; to show in a list. */
  readonly name: string;
}

/** What a viewer may choose. */
export interface Settings {
  /** Lines are shown at all. Default `true`. */
  readonly on: boolean;
  /** 0.1 to 1. Default 1. */
  readonly opacity: number;
  /** 0.25 to 4 times the usual 8 s across. Default 1. */
  readonly speed: number;
  /** How much of the picture's height lines may cover, 0.1 to 1. Default 0.5. */
  readonly area: number;
  /** 0.25 to 2.5 times the usual size, which is an eighteenth of the picture's height and at least 15 px. Default 1. */
  readonly size: number;
  /** Lines at once, 1 to 1,000. Default 300. */
  readonly density: number;
  readonly scroll: boolean;
  readonly top: boolean;
  readonly bottom: boolean;
  readonly paid: boolean;
  /** Lines in the colours that their writers chose; else all are white. Default `true`. */
  readonly colors: boolean;
  /** A line that repeats another of the last 10 s is merged with it. Default `true`. */
  readonly merge: boolean;
  /** A CSS font family, at most 200 characters. Default `'system-ui, sans-serif'`. */
  readonly font: string;
  /** Words that keep a line away: at most 1,000 of 64 characters. */
  readonly words: readonly string[];
  /** People whose lines are kept away: at most 1,000. */
  readonly people: readonly Person[];
  /**
   * Regular expressions that keep a line away, without slashes: at most 50 of 200 characters, and none that could take long
   * (a repeated group with a choice or a repetition inside, a reference back).
   */
  readonly expressions: readonly string[];
}

/** Settings to change; people may be named by their number alone. */
export type SettingsChange = Partial<Omit<Settings, 'people'>> & {
  readonly people?: readonly (Person | number)[];
};

/** The viewer's choices, for everything on the page that follows them. */
export interface Choices {
  readonly settings: Settings;
  /** Changes choices; returns what was no choice and was left as it was, in words. */
  change(change: SettingsChange): readonly string[];
  /** Back to the defaults; the lists of what is blocked stay. */
  reset(): void;
  /** All of it as the text of a file. */
  exported(): string;
  /**
   * Takes a file over: ours, or a list of blocked words and people as Bilibili's players write it. Lists grow, everything else
   * is replaced. Returns what was left out, in words; throws {@link SettingsFileError} where it is no such file.
   */
  take(file: string): readonly string[];
  /** Calls back with the settings after each change; returns what stops it. */
  on(name: 'settings', listener: (settings: Settings) => void): () => void;
  /** Stops listening to other tabs. */
  destroy(): void;
}

/** What became of the lines: `taken` = `shown` + `waiting` + everything under `dropped`. */
export interface Counts {
  readonly taken: number;
  readonly shown: number;
  /** Of the shown, those that did not stay to their end. */
  readonly cutShort: number;
  readonly waiting: number;
  readonly dropped: Readonly<Record<LineClass, Readonly<Record<DropReason, number>>>>;
}

/** Why a line was not shown. */
export type DropReason = 'full' | 'crowded' | 'blocked' | 'unwanted' | 'merged' | 'withdrawn' | 'late';

/** What happens to lines. */
export interface DanmakuEvents {
  /** The viewer clicked a line: where, in pixels of the box. */
  click: { readonly line: Line; readonly x: number; readonly y: number };
  /** A choice changed, by {@link Danmaku.configure} or by an imported file. */
  settings: Settings;
}

/** Options of {@link createDanmaku}. */
export interface DanmakuOptions {
  /** What the viewer chose; what is left out is the default. */
  readonly settings?: SettingsChange;
  /** The viewer's choices as the page keeps them, in place of `settings`: the layer follows them, and changes go there. */
  readonly choices?: Choices;
  /**
   * Lines stop while this picture does, are cleared when it seeks, and are not drawn while it is in a window of its own
   * (picture-in-picture), where nobody would see them.
   */
  readonly video?: HTMLVideoElement;
  /** Where clicks on lines are heard, if not at the box: the picture below it, where the box lets them through. */
  readonly pointer?: HTMLElement;
  /** Reads out lines to screen readers, one in two seconds at most. Default `true`; `false` where the page has a list. */
  readonly announce?: boolean;
}

/** Comments over one picture. */
export interface Danmaku {
  readonly settings: Settings;
  /** Shows a line, now; or, after a seek, one that was said so many milliseconds ago. */
  push(line: Line, agoMs?: number): void;
  /** Takes a line back, by its id. */
  withdraw(id: string): void;
  /** Takes all lines back. */
  clear(): void;
  /** Lines stop where they are. */
  pause(): void;
  /** Lines go on. */
  resume(): void;
  /** Changes choices; what is no choice is warned about and left as it was. */
  configure(change: SettingsChange): void;
  /** What became of the lines so far. */
  counts(): Promise<Counts>;
  on<Name extends keyof DanmakuEvents>(name: Name, listener: (event: DanmakuEvents[Name]) => void): () => void;
  /** Takes the layer away: canvas, listeners, memory. */
  destroy(): void;
}
