import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and a certificate that is its own CA, as PEM. */
export type Identity = { key: string; cert: string };

/** A new certificate for a server on `addresses` (IP addresses), made by openssl. */
export function selfSigned(addresses: readonly string[] = ['127.0.0.1']): Identity {
  const folder = mkdtempSync(join(tmpdir(), 'cx-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const names = ['DNS:localhost', ...addresses.map((address) => `IP:${address}`)].join(',');
    const request = [
      'req',
      '-x509',
      '-nodes',
      '-days',
      '2',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
    ];
    const subject = ['-subj', '/CN=coxswain-test', '-addext', `subjectAltName=${names}`];
    execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
