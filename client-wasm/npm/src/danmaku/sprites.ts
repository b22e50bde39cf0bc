/** Text as pictures: each line is drawn once, with its outline, and then only moved. */

/** What a line looks like. */
export interface Look {
  readonly text: string;
  readonly color: string;
  /** A frame around it: the viewer's own line, or a paid one. */
  readonly framed: boolean;
}

/** How all lines look. */
export interface Face {
  readonly fontPx: number;
  readonly family: string;
  /** Device pixels in a pixel of the page. */
  readonly ratio: number;
}

/** Around the text, for outline and frame, in pixels. */
const PAD_PX = 4;
/** What is used before it is thrown away: canvases are dear to make, and hold memory that no collector counts. */
const SPARE_MAX = 32;

export type Sprite = OffscreenCanvas | HTMLCanvasElement;

/** The maker of pictures. */
export class Sprites {
  readonly #ruler: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
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
    return Math.ceil(this.#ruler?.measureText(look.text).width ?? 0) + 2 * PAD_PX;
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
    pen.font = font(this.#face);
    pen.textBaseline = 'middle';
    pen.lineJoin = 'round';
    pen.lineWidth = Math.max(2, fontPx / 9);
    pen.strokeStyle = isDark(look.color) ? 'rgb(255 255 255 / .8)' : 'rgb(0 0 0 / .7)';
    pen.fillStyle = look.color;
    const middle = this.rowPx / 2;
    pen.strokeText(look.text, PAD_PX, middle);
    pen.fillText(look.text, PAD_PX, middle);
    if (look.framed) {
      pen.lineWidth = 1.5;
      pen.strokeStyle = look.color;
      pen.strokeRect(1, 1, widthPx - 2, this.rowPx - 2);
    }
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
}

function font({ fontPx, family }: Face): string {
  return `600 ${String(fontPx)}px ${family}`;
}

function blank(width: number, height: number): Sprite {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}

function context(sprite: Sprite): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null {
  return sprite.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
}

/** Whether a `#rrggbb` colour needs a light outline (ITU-R BT.601 luma below a quarter). */
function isDark(color: string): boolean {
  const value = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (value === undefined) return false;
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(value.slice(at, at + 2), 16)) as [number, number, number];
  return 0.299 * red + 0.587 * green + 0.114 * blue < 64;
}
