/** A step function in fewer steps: means over equal spans of time, and the peak of the queue. */

export type Point = {
  readonly at: number;
  readonly used: number;
  readonly reserved: number;
  readonly waiting: number;
  readonly waitingMax: number;
  readonly fragmentation: number;
};

type Span = { -readonly [Key in keyof Point]: Point[Key] } & { held: number };

/** Every point holds until the next. At most `most` spans and the last point; few points stay as they are. */
export function reduced(points: readonly Point[], most: number): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length <= most || last.at === first.at) return points;
  const length = (last.at - first.at) / most;
  const spans = Array.from({ length: most }, (_, i) => emptySpan(first.at + i * length));
  for (const [i, point] of points.entries()) {
    const until = points[i + 1]?.at ?? point.at;
    let place = Math.min(most - 1, Math.floor((point.at - first.at) / length));
    for (let from = point.at; from < until; place++) {
      const to = Math.min(until, spans[place + 1]?.at ?? until);
      hold(spans[place] as Span, point, Math.max(0, to - from));
      from = Math.max(from, to);
    }
  }
  return [...spans.filter(({ held }) => held > 0).map(meansOf), last];
}

function emptySpan(at: number): Span {
  return { at, held: 0, used: 0, reserved: 0, waiting: 0, waitingMax: 0, fragmentation: 0 };
}

function hold(span: Span, point: Point, seconds: number): void {
  if (seconds === 0) return;
  span.held += seconds;
  span.used += seconds * point.used;
  span.reserved += seconds * point.reserved;
  span.waiting += seconds * point.waiting;
  span.fragmentation += seconds * point.fragmentation;
  span.waitingMax = Math.max(span.waitingMax, point.waitingMax);
}

function meansOf({ at, held, used, reserved, waiting, waitingMax, fragmentation }: Span): Point {
  return {
    at,
    used: used / held,
    reserved: reserved / held,
    waiting: waiting / held,
    waitingMax,
    fragmentation: fragmentation / held,
  };
}
