/** What a recipe is, and what all of them share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageConfig } from '../test/cluster/oci.ts';
import type { Log } from './debian.ts';

export const root = join(import.meta.dirname, '..');

/** The project's, which is the images' too. */
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

export interface Recipe {
  /** Files of the checkout that decide the content. */
  sources: () => string[];
  /** What else decides it. */
  inputs: () => string[];
  config: ImageConfig;
  /** Makes the layers below `folder` or in the cache, and returns their paths from the lowest up. */
  build: (folder: string, log: Log) => Promise<string[]>;
}

// PodSecurity "restricted" wants a user that is not root; pods may ask for any other one too.
export const User = '65532:65532';
