/** The second net: quantiles of the log of the power that an accelerator draws when nothing caps it. */
import type { Backend } from '../backend/backend.ts';
import { decodeFor, encode } from './checkpoint.ts';
import { DEFAULTS, type NetOptions } from './net.ts';
import { makePredict, type Predict } from './predict.ts';
import type { Rows } from './rows.ts';
import { train } from './train.ts';
import type { Trained } from './trained.ts';

/** Levels of the quantiles, in the order of an answer: what to expect, and how sure that is. */
export const POWER_LEVELS = [0.1, 0.5, 0.9] as const;

const HEADS = { levels: POWER_LEVELS, z: false } as const;

export type PowerNet = {
  /** The net as `revivePower` takes it. */
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  /** Rows of features to rows of POWER_LEVELS quantiles of log watts. */
  readonly predict: Predict;
};

export type PowerFit = NetOptions & { readonly seed: number; readonly from?: Uint8Array };

/**
 * Learns from rows whose targets are log watts as measured: an estimate must not be among them.
 * Throws a RangeError that names what is wrong with the rows, a CheckpointError where `from` is damaged.
 */
export function fitPower(backend: Pick<Backend, 'tf'>, rows: Omit<Rows, 'quick'>, options: PowerFit): PowerNet {
  const { from, ...rest } = options;
  const trained = train(backend.tf, rows, {
    ...DEFAULTS,
    ...rest,
    heads: HEADS,
    ...(from && { from: decodeFor(HEADS, from) }),
  });
  return powerNet(trained, encode(trained), backend);
}

/** Throws a CheckpointError for bytes that are damaged, of another version, or of another net. */
export function revivePower(checkpoint: Uint8Array, backend?: Pick<Backend, 'tf'>): PowerNet {
  return powerNet(decodeFor(HEADS, checkpoint), Uint8Array.from(checkpoint), backend);
}

function powerNet(trained: Trained, checkpoint: Uint8Array<ArrayBuffer>, backend?: Pick<Backend, 'tf'>): PowerNet {
  return { checkpoint, predict: makePredict(trained, backend) };
}
