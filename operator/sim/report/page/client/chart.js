/** The state of the chart and its drawing: what the pointer and the controls work on. */

/** @import { PageData } from '../pageData.ts' */
/** @import { Window } from './view.js' */
/** @import { Picture } from './stage.js' */
/** @import { Scene } from './gantt.js' */
import { palette } from './colours.js';
import { coloursOf } from './gantt.js';
import { draw, layoutOf } from './stage.js';

/** @template {Element} T @param {string} id @param {new () => T} kind @returns {T} */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

export class Chart {
  /** @param {PageData} data */
  constructor(data) {
    this.data = data;
    this.stage = element('stage', HTMLDivElement);
    this.drawing = element('drawing', HTMLCanvasElement);
    this.overlay = element('overlay', HTMLCanvasElement);
    this.pool = data.views[0];
    this.colouring = data.colourings[0];
    this.promises = true;
    this.window = this.everything();
    this.palette = palette();
    /** Bars that the window shows. @type {number[]} */
    this.bars = [];
    this.layout = layoutOf(0, { nodes: 0, lanes: 0 });
    this.ratio = 1;
    this.pending = false;
  }

  /** @returns {Window} */
  everything() {
    const { nodes, span } = this.data;
    const { from, to } = this.pool;
    const last = nodes[to - 1];
    return { from: 0, to: span, top: nodes[from]?.lane ?? 0, bottom: last ? last.lane + last.lanes : 1 };
  }

  /** @param {Partial<Window>} change */
  look(change) {
    this.window = { ...this.window, ...change };
    this.redraw();
  }

  /** Once a frame, however much has changed. */
  redraw() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.paint();
    });
  }

  paint() {
    const width = this.stage.clientWidth;
    const { from, to } = this.pool;
    const lanes = to > from ? this.everything().bottom - this.everything().top : 0;
    this.layout = layoutOf(width, { nodes: to - from, lanes });
    this.ratio = window.devicePixelRatio || 1;
    this.stage.style.height = `${this.layout.height}px`;
    for (const canvas of [this.drawing, this.overlay]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(this.layout.height * this.ratio);
    }
    this.bars = draw(contextOf(this.drawing), this.picture(width), this.layout);
    this.stage.dataset['bars'] = String(this.bars.length);
    this.stage.dataset['from'] = String(this.window.from);
    this.stage.dataset['to'] = String(this.window.to);
    this.stage.dispatchEvent(new Event('painted'));
  }

  /** @param {number} width @returns {Picture} */
  picture(width) {
    const { data, pool, colouring, promises, window, palette, ratio } = this;
    return { data, pool, colouring, promises, window, palette, width, ratio };
  }

  /** The nodes as they are drawn now. @returns {Scene} */
  scene() {
    const { data, window, layout, ratio } = this;
    return { data, window, box: layout.nodes, ratio };
  }

  legend() {
    const entries = coloursOf(this.colouring, this.palette).map((colour, i) => {
      const [entry, swatch] = [document.createElement('li'), document.createElement('i')];
      swatch.style.background = `rgb(${colour.join(' ')})`;
      entry.append(swatch, this.colouring.labels[i]);
      return entry;
    });
    element('legend', HTMLUListElement).replaceChildren(...entries);
  }
}

/** @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
export function contextOf(canvas) {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser gives no canvas');
  return context;
}
