/** A refit's thread: fits the models once and ends. Its memory, which wasm never gives back, ends with it. */
import { type Backend, openBackend } from '../backend/backend.ts';
import { NET, netModel } from '../net/net.ts';
import type { FittedState, Model } from '../runtime/model.ts';
import { MODELS } from '../runtime/models.ts';
import { answerOnce } from './answerOnce.ts';
import type { Answer, Refitted, Task } from './messages.ts';

async function refit({ set, options, models, backend: wanted, net }: Task): Promise<Refitted> {
  const began = performance.now();
  const backend = models.includes(NET) ? await openBackend(wanted) : undefined;
  const states: FittedState[] = [];
  for (const [index, name] of models.entries()) {
    const from = options.from?.[index];
    const model = name === NET ? netModel(backend, net) : modelCalled(name);
    // Each with a seed of its own, as when the predictor itself fits them.
    const { state } = await model.fit(set, { seed: options.seed + index, ...(from && { from }) });
    states.push(state);
  }
  return { states, backend: nameOf(backend), seconds: (performance.now() - began) / 1000 };
}

function modelCalled(name: string): Model {
  const model = MODELS.find((known) => known.name === name);
  if (!model)
    throw new Error(`no model is called ${name}; there are ${MODELS.map((known) => known.name).join(', ')}, ${NET}`);
  return model;
}

function nameOf(backend: Backend | undefined): Refitted['backend'] {
  return backend?.name ?? 'plain';
}

await answerOnce(async (task: Task): Promise<Answer> => ({ kind: 'fitted', ...(await refit(task)) }));
