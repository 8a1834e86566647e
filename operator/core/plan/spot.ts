/** Where members of an option would lie, given how many each node can take. */
import type { Ground } from './ground.ts';
import { holesOf } from './holes.ts';
import { narrowed, roomy } from './narrow.ts';
import type { Option } from './option.ts';
import { place, type Share } from './place.ts';

/** `free`: the amounts that `counts` were worked out from. Empty if the members do not fit all together. */
export function spotsFor(
  { room, topology }: Option,
  counts: Int32Array,
  members: number,
  ground: Ground,
  free: Float64Array,
): readonly Share[] {
  const { cells, offers, domains } = ground;
  const { candidates, shape } = room;
  const all = roomy(candidates, counts, ground.indices);
  // Nodes that are better left alone need the whole picture.
  const index = candidates.mixed ? all : narrowed(all, counts, members, topology, domains);
  return place(holesOf({ cells, free, offers, candidates, shape }, counts, index), members, topology, domains);
}
