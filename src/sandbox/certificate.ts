import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  key: string;
  /** PEM; it is its own authority, so clients can be given it as their CA bundle. */
  cert: string;
  /** Where `cert` lies, for clients that want a path. */
  certPath: string;
}

const VALID_DAYS = 3650;

/** The certificate of the data folder for 127.0.0.1, ::1 and localhost, made at the first call. */
export async function loadCertificate(dataDir: string): Promise<Certificate> {
  const folder = join(dataDir, 'tls');
  const keyPath = join(folder, 'key.pem');
  const certPath = join(folder, 'cert.pem');
  if (!existsSync(keyPath) || !existsSync(certPath)) {
    // it takes a third of a second to load, and is needed once for each data folder
    const { generate } = await import('selfsigned');
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + VALID_DAYS * 86_400_000),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
            { type: 7, ip: '::1' },
          ],
        },
      ],
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(keyPath, made.private, { mode: 0o600 });
    writeFileSync(certPath, made.cert);
  }
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8'), certPath };
}
