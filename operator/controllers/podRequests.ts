/** What a pod takes from its node, as kube-scheduler counts it. */
import { parseQuantity } from '../../crds/quantity.ts';
import type { Resources } from '../core/model.ts';
import type { Container, Pod } from './resources.ts';

type Amounts = Record<string, number>;

function parse(amounts: Record<string, string | number> | undefined): Amounts {
  return Object.fromEntries(Object.entries(amounts ?? {}).map(([name, text]) => [name, parseQuantity(name, text)]));
}

/** A container that names only a limit asks for as much. */
function requestsOf({ resources }: Container): Amounts {
  return parse({ ...resources?.limits, ...resources?.requests });
}

function add(into: Amounts, more: Amounts): Amounts {
  for (const [name, value] of Object.entries(more)) into[name] = (into[name] ?? 0) + value;
  return into;
}

function atLeast(into: Amounts, floor: Amounts): Amounts {
  for (const [name, value] of Object.entries(floor)) into[name] = Math.max(into[name] ?? 0, value);
  return into;
}

/**
 * The sum of the containers, but at least what each init container needs while it runs beside the sidecars started
 * before it; plus the sandbox's overhead; pod-level requests win (component-helpers `resource.PodRequests`).
 */
export function podRequests({ spec }: Pod): Resources {
  const total = (spec?.containers ?? []).reduce<Amounts>((sum, c) => add(sum, requestsOf(c)), {});
  const sidecars: Amounts = {};
  const peak: Amounts = {};
  for (const container of spec?.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      add(total, requests);
      add(sidecars, requests);
      atLeast(peak, sidecars);
    } else {
      atLeast(peak, add({ ...sidecars }, requests));
    }
  }
  atLeast(total, peak);
  Object.assign(total, parse(spec?.resources?.requests));
  return { ...add(total, parse(spec?.overhead)), pods: 1 };
}
