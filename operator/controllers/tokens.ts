/**
 * Tokens of attempts. A token is derived from one key of the installation, so that the operator needs to read no Secret in
 * the namespaces of its users, and so that a restart can still speak to the gangs that run.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { TOKEN_KEY_SECRET } from '../access.ts';
import type { Client } from '../kube/client.ts';
import { AlreadyExistsError, NotFoundError } from '../kube/errors.ts';
import { SECRETS } from './resources.ts';

export type Tokens = (jobUid: string, attempt: number) => string;

/** 256 bits, as 64 hexadecimal digits. */
export function tokensFrom(key: Buffer): Tokens {
  return (jobUid, attempt) => createHmac('sha256', key).update(`${jobUid}/${attempt}`).digest('hex');
}

/** Reads the installation's key, and makes it on the first start. */
export async function openTokens(client: Client, namespace: string): Promise<Tokens> {
  const ref = { name: TOKEN_KEY_SECRET, namespace };
  const read = async (): Promise<Tokens> => {
    const { data } = await client.get(SECRETS, ref);
    const key = Buffer.from(data?.['key'] ?? '', 'base64');
    if (key.length < 32)
      throw new Error(
        `Secret ${namespace}/${TOKEN_KEY_SECRET} holds no key of 32 bytes; delete it to have it made anew`,
      );
    return tokensFrom(key);
  };
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  try {
    await client.create(SECRETS, { metadata: ref, data: { key: randomBytes(32).toString('base64') } });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error; // another replica was faster
  }
  return read();
}
