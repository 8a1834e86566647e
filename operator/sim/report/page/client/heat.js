/** Bars of any size on a grid of pixels: what is smaller than a pixel counts by the part of it that it covers. */

/** @import { Colour } from './colours.js' */

/** Sums of red, green, blue and coverage of every pixel. */
export class Heat {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.sums = new Float32Array(width * height * 4);
  }

  /** @param {number} x0 @param {number} x1 @param {number} y0 @param {number} y1 @param {Colour} colour */
  add(x0, x1, y0, y1, colour) {
    const [left, right] = [Math.max(0, x0), Math.min(this.width, x1)];
    const [top, bottom] = [Math.max(0, y0), Math.min(this.height, y1)];
    for (let y = Math.floor(top); y < bottom; y++) {
      const tall = Math.min(bottom, y + 1) - Math.max(top, y);
      for (let x = Math.floor(left); x < right; x++) {
        this.cover(x, y, tall * (Math.min(right, x + 1) - Math.max(left, x)), colour);
      }
    }
  }

  /** @param {number} x @param {number} y @param {number} part @param {Colour} colour */
  cover(x, y, part, [red, green, blue]) {
    const { sums } = this;
    const at = 4 * (y * this.width + x);
    sums[at] += part * red;
    sums[at + 1] += part * green;
    sums[at + 2] += part * blue;
    sums[at + 3] += part;
  }

  /** The mean colour of what covers a pixel, as strong as the part covered. */
  image() {
    const image = new ImageData(this.width, this.height);
    const { sums } = this;
    for (let at = 0; at < sums.length; at += 4) {
      const cover = sums[at + 3];
      if (cover === 0) continue;
      for (let part = 0; part < 3; part++) image.data[at + part] = sums[at + part] / cover;
      image.data[at + 3] = 255 * Math.min(1, cover);
    }
    return image;
  }
}
