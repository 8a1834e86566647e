/** A policy as the command line takes it: a name, a file, or JSON on the spot. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseDuration } from '../../crds/duration.ts';
import { readPolicy } from '../policyForm.ts';
import type { QueueTerms, Recipe } from '../sim/recipe.ts';
import { fileError, UsageError } from './errors.ts';
import { POLICIES } from './policies.ts';

const seconds = z.union([
  z.number().min(0).max(1e9),
  z.string().transform((text, context) => {
    try {
      return parseDuration(text);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  }),
]);

const queueTerms = z.strictObject({
  order: z.enum(['strict', 'skipping']).exactOptional(),
  waitObjective: seconds.exactOptional(),
  maxPriority: z.int().exactOptional(),
});

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${what}: not JSON (${(error as Error).message}); write e.g. {"score": {"name": "saf"}}`);
  }
}

function terms(value: unknown, what: string): QueueTerms {
  const read = queueTerms.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw new UsageError(`${what}: ${problems.join('; ')}; there are order, waitObjective and maxPriority`);
}

/** `--queue`: what the one queue of a simulation has of its own. Throws UsageError. */
export function readQueue(text: string | undefined): QueueTerms {
  return text === undefined ? {} : terms(json(text, '--queue'), '--queue');
}

/** Either a policy alone, or, as tune writes it, {policy, queue}. */
function recipeOf(value: unknown, what: string): Recipe {
  const isPair = typeof value === 'object' && value !== null && 'policy' in value;
  if (!isPair) return { policy: written(value, what), queue: {} };
  const { policy, queue = {}, ...rest } = value as { policy: unknown; queue?: unknown };
  const [extra] = Object.keys(rest);
  if (extra !== undefined) throw new UsageError(`${what}: ${extra}: no such field; there are policy and queue`);
  return { policy: written(policy, what), queue: terms(queue, `${what}: queue`) };
}

function written(value: unknown, what: string): Recipe['policy'] {
  try {
    return readPolicy(value);
  } catch (error) {
    throw new UsageError(`${what}: ${(error as Error).message}`);
  }
}

/** A recipe and what it is called in what is written of the run. */
export type NamedRecipe = Recipe & { readonly name: string };

/** `--policy`: a name, inline JSON, or a file. Throws UsageError that names the field at fault. */
export async function readRecipe(text: string): Promise<NamedRecipe> {
  const known = Object.hasOwn(POLICIES, text) ? POLICIES[text] : undefined;
  if (known) return { name: text, ...known.recipe };
  if (text.trimStart().startsWith('{')) return { name: 'inline', ...recipeOf(json(text, '--policy'), '--policy') };
  if (!/[./]/.test(text)) {
    throw new UsageError(
      `--policy: ${JSON.stringify(text)} is no policy; there are ${Object.keys(POLICIES).join(', ')}, or name a file, e.g. ./${text}.json`,
    );
  }
  const content = await readFile(text, 'utf8').catch((error: unknown) => {
    throw fileError(error, text, 'name a policy, or a file that holds one');
  });
  return { name: text, ...recipeOf(json(content, text), text) };
}
