/** Text as pictures: each line is drawn once, with its outline, and then only moved. */

import { directionOf } from './text.js';

/** What a line looks like. */
export interface Look {
  readonly text: string;
  readonly color: string;
  /** The viewer's own line has a frame; a paid one a plate of its colour. */
  readonly frame: 'none' | 'own' | 'paid';
  /** It stands in the middle, also while the room for its count is empty. */
  readonly centred: boolean;
}

/** How all lines look. */
export interface Face {
  readonly fontPx: number;
  readonly family: string;
  /** Device pixels in a pixel of the page. */
  readonly ratio: number;
}

/** Around the text, for its outline; and for a frame, in parts of the font's size. */
const PAD_PX = 4;
const FRAME_PAD = 0.42;
/** What is used before it is thrown away: canvases are dear to make, and hold memory that no collector counts. */
const SPARE_MAX = 32;
/** The plate's share of its colour over the dark that makes every colour readable. */
const PLATE_DARK = 'rgb(12 15 20 / .72)';
const PLATE_TINT = 0.26;

export type Sprite = OffscreenCanvas | HTMLCanvasElement;
type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The maker of pictures. */
export class Sprites {
  readonly #ruler: Pen | null;
  readonly #spare: Sprite[] = [];
  #face: Face = { fontPx: 24, family: 'sans-serif', ratio: 1 };

  constructor() {
    this.#ruler = context(blank(1, 1));
  }

  /** The height of a row of lines, in pixels. */
  get rowPx(): number {
    return Math.ceil(this.#face.fontPx * 1.25) + PAD_PX;
  }

  set face(face: Face) {
    this.#face = face;
    if (this.#ruler !== null) this.#ruler.font = font(face);
  }

  /** How wide the line's picture is, in pixels of the page. */
  measure(look: Look): number {
    return Math.ceil(this.#ruler?.measureText(look.text).width ?? 0) + 2 * this.#pad(look);
  }

  /** The line's picture. */
  draw(look: Look, widthPx: number): Sprite {
    const { fontPx, ratio } = this.#face;
    const [width, height] = [Math.ceil(widthPx * ratio), Math.ceil(this.rowPx * ratio)];
    const sprite = this.#spare.pop() ?? blank(width, height);
    [sprite.width, sprite.height] = [width, height];
    const pen = context(sprite);
    if (pen === null) return sprite;
    pen.scale(ratio, ratio);
    if (look.frame !== 'none') this.#frame(pen, look, widthPx);
    pen.font = font(this.#face);
    pen.textBaseline = 'middle';
    // Where a line begins does not depend on where its text is read from; the order of its words does.
    pen.textAlign = 'left';
    pen.direction = directionOf(look.text);
    pen.lineJoin = 'round';
    pen.lineWidth = Math.max(2, fontPx / 9);
    pen.strokeStyle = isDark(look.color) ? 'rgb(255 255 255 / .8)' : 'rgb(0 0 0 / .7)';
    pen.fillStyle = look.color;
    // The middle of the em box is above the middle of what is seen of most letters.
    const middle = this.rowPx / 2 + fontPx * 0.05;
    const left = look.centred ? (widthPx - pen.measureText(look.text).width) / 2 : this.#pad(look);
    pen.strokeText(look.text, left, middle);
    pen.fillText(look.text, left, middle);
    return sprite;
  }

  /** The picture is no longer needed. */
  release(sprite: Sprite): void {
    if (this.#spare.length < SPARE_MAX) this.#spare.push(sprite);
    else [sprite.width, sprite.height] = [0, 0];
  }

  end(): void {
    for (const sprite of this.#spare.splice(0)) [sprite.width, sprite.height] = [0, 0];
  }

  #pad({ frame }: Look): number {
    return frame === 'none' ? PAD_PX : PAD_PX + Math.round(this.#face.fontPx * FRAME_PAD);
  }

  #frame(pen: Pen, { frame, color }: Look, widthPx: number): void {
    const [line, inset] = [1.5, 1.75];
    const [width, height] = [widthPx - 2 * inset, this.rowPx - 2 * inset];
    pen.beginPath();
    pen.roundRect(inset, inset, width, height, height / 2);
    if (frame === 'paid') {
      pen.fillStyle = PLATE_DARK;
      pen.fill();
      pen.globalAlpha = PLATE_TINT;
      pen.fillStyle = color;
      pen.fill();
      pen.globalAlpha = 1;
    }
    pen.lineWidth = line;
    pen.strokeStyle = color;
    pen.stroke();
  }
}

function font({ fontPx, family }: Face): string {
  return `600 ${String(fontPx)}px ${family}`;
}

function blank(width: number, height: number): Sprite {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}

function context(sprite: Sprite): Pen | null {
  return sprite.getContext('2d') as Pen | null;
}

/** Whether a `#rrggbb` colour needs a light outline (ITU-R BT.601 luma below a quarter). */
function isDark(color: string): boolean {
  const value = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (value === undefined) return false;
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(value.slice(at, at + 2), 16)) as [number, number, number];
  return 0.299 * red + 0.587 * green + 0.114 * blue < 64;
}
