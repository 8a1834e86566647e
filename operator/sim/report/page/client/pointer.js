/** Looking closer, moving, and asking what is under the pointer. */

/** @import { Chart } from './chart.js' */
/** @import { Box } from './gantt.js' */
import { contextOf } from './chart.js';
import { barAt } from './gantt.js';
import { markJob, markMoment, markSelection, markWindow } from './marks.js';
import { factsOf, fill, place } from './tooltip.js';
import { within } from './view.js';

/** A shorter way is a click that trembled. */
const DRAG = 4;

/** @typedef {{ x: number, y: number }} Place */
/** @typedef {{ kind: 'select' | 'rectangle' | 'move' | 'strip', begin: Place, at: Place, from: number }} Drag */

/** @param {Place} at @param {Box} box */
function inside({ x, y }, box) {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}

class Pointer {
  /** @param {Chart} chart */
  constructor(chart) {
    this.chart = chart;
    this.tooltip = /** @type {HTMLElement} */ (document.getElementById('tooltip'));
    /** @type {Drag | undefined} */
    this.drag = undefined;
    /** @type {Place | undefined} */
    this.at = undefined;
    /** Place in data.jobs of the one under the pointer. @type {number | undefined} */
    this.job = undefined;
  }

  /** Where on the stage. @param {PointerEvent | MouseEvent} event @returns {Place} */
  placeOf(event) {
    const { left, top } = this.chart.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /**
   * Time at a place of the charts, or of the strip, which always shows the whole run.
   * @param {number} x @param {boolean} strip
   */
  timeAt(x, strip) {
    const { layout, window, data } = this.chart;
    const share = Math.min(1, Math.max(0, (x - layout.strip.x) / layout.strip.width));
    return strip ? share * data.span : window.from + share * (window.to - window.from);
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    const begin = this.placeOf(event);
    const { layout, window, stage } = this.chart;
    const strip = begin.y < layout.nodes.y - 12;
    const time = this.timeAt(begin.x, strip);
    const whole = window.to - window.from >= this.chart.data.span * 0.999;
    const onWindow = strip && !whole && time >= window.from && time <= window.to;
    const plain = event.shiftKey && inside(begin, layout.nodes) ? 'rectangle' : 'select';
    const kind = onWindow ? 'move' : strip ? 'strip' : plain;
    this.drag = { kind, begin, at: begin, from: window.from };
    stage.setPointerCapture(event.pointerId);
    this.tooltip.hidden = true;
  }

  /** @param {PointerEvent} event */
  move(event) {
    this.at = this.placeOf(event);
    if (this.drag) {
      this.drag.at = this.at;
      if (this.drag.kind === 'move') this.follow(this.drag);
    } else this.ask(this.at);
    this.paint();
  }

  /** Moves the window with the pointer. @param {Drag} drag */
  follow({ begin, at, from }) {
    const { chart } = this;
    const by = ((at.x - begin.x) / chart.layout.strip.width) * chart.data.span;
    const length = chart.window.to - chart.window.from;
    chart.look(within({ ...chart.window, from: from + by, to: from + by + length }, chart.data.span));
  }

  up() {
    const { drag, chart } = this;
    this.drag = undefined;
    if (!drag || drag.kind === 'move' || Math.abs(drag.at.x - drag.begin.x) < DRAG) return this.paint();
    const strip = drag.kind === 'strip';
    const [a, b] = [this.timeAt(drag.begin.x, strip), this.timeAt(drag.at.x, strip)];
    const lanes = drag.kind === 'rectangle' ? this.lanesOf(drag) : {};
    chart.look({ ...within({ ...chart.window, from: Math.min(a, b), to: Math.max(a, b) }, chart.data.span), ...lanes });
  }

  /** Whole lanes under the rectangle. @param {Drag} drag */
  lanesOf({ begin, at }) {
    const { layout, window } = this.chart;
    const { y, height } = layout.nodes;
    /** @param {number} py */
    const lane = (py) => window.top + Math.min(1, Math.max(0, (py - y) / height)) * (window.bottom - window.top);
    const [top, bottom] = [Math.min(begin.y, at.y), Math.max(begin.y, at.y)];
    return { top: Math.floor(lane(top)), bottom: Math.max(Math.floor(lane(top)) + 1, Math.ceil(lane(bottom))) };
  }

  /** The pointer is gone, or the browser has taken the gesture for itself. @param {boolean} cancelled */
  leave(cancelled) {
    if (cancelled) this.drag = undefined;
    this.at = undefined;
    this.job = undefined;
    this.tooltip.hidden = true;
    this.paint();
  }

  /** @param {Place} at */
  ask(at) {
    const { chart, tooltip } = this;
    const bar = inside(at, chart.layout.nodes) ? barAt(chart.scene(), chart.bars, at.x, at.y) : -1;
    this.job = bar < 0 ? undefined : chart.data.bars.job[bar];
    tooltip.hidden = this.job === undefined;
    if (this.job === undefined) return;
    fill(tooltip, chart.data.jobs.id[this.job], factsOf(chart.data, this.job));
    place(tooltip, at, chart.stage.clientWidth);
  }

  /** The layer above the drawing, which a moving pointer repaints alone. */
  paint() {
    const { chart } = this;
    const context = contextOf(chart.overlay);
    context.setTransform(chart.ratio, 0, 0, chart.ratio, 0, 0);
    context.clearRect(0, 0, chart.stage.clientWidth, chart.layout.height);
    context.font = '11px system-ui, sans-serif';
    markWindow(context, chart);
    if (this.drag && this.drag.kind !== 'move') markSelection(context, chart, this.drag);
    else if (this.at) markMoment(context, chart, this.at, this.timeAt(this.at.x, false));
    if (this.job !== undefined && !this.drag) markJob(context, chart, this.job);
  }
}

/** @param {Chart} chart */
export function watchPointer(chart) {
  const pointer = new Pointer(chart);
  const { stage } = chart;
  stage.addEventListener('pointerdown', (event) => pointer.down(event));
  stage.addEventListener('pointermove', (event) => pointer.move(event));
  stage.addEventListener('pointerup', () => pointer.up());
  stage.addEventListener('pointercancel', () => pointer.leave(true));
  stage.addEventListener('pointerleave', () => pointer.leave(false));
  stage.addEventListener('dblclick', () => chart.look(chart.everything()));
  stage.addEventListener('painted', () => pointer.paint());
}
