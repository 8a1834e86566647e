/** `npm run images -- [--only NAME]… [--out DIR] [--push REGISTRY]` */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AnyName, buildImages, extras, names } from './api.ts';
import { pushImages } from './push.ts';

const usage = `Builds the container images: ${names.join(', ')}; and, named by --only, ${extras.join(', ')}.

npm run images -- [--only NAME]… [--out DIR] [--push REGISTRY]
  --only NAME      build this one; may be given more than once
  --out DIR        copy the OCI tars to DIR/NAME.tar
  --push REGISTRY  push them to REGISTRY/NAME:VERSION, for example ghcr.io/somebody/coxswain`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      out: { type: 'string' },
      push: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const wanted = (values.only ?? names).map(nameOf);
  const images = await buildImages({ names: wanted, log: console.log });
  for (const { name, ref, bytes, tar } of images) {
    console.log(`${ref.padEnd(36)} ${(bytes / 1e6).toFixed(1).padStart(6)} MB`);
    if (values.out === undefined) continue;
    await mkdir(values.out, { recursive: true });
    await copyFile(tar, join(values.out, `${name}.tar`));
  }
  if (values.push !== undefined) await pushImages(images, values.push, console.log);
}

function nameOf(text: string): AnyName {
  const all = [...names, ...extras];
  const name = all.find((known) => known === text);
  if (name === undefined) throw new Error(`no image is called ${text}; there are ${all.join(', ')}`);
  return name;
}

try {
  await main();
} catch (error) {
  console.error(`images: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
