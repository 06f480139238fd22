import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** A self-signed certificate for the name localhost, valid for a hundred years, and its key. Trusted by nobody. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUIKzLh1FbCeQ4bqwVy290w3m0770wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIyMTQ1OFoYDzIxMjYxMDI5
MjIxNDU4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARC33eG8lPAu6uu+dTWz7+3O3CGDxOZzdfeg2DcmNudNPVd661I+hGY
6JjO9LQyUGx1XOLCRIE1nzEX/YCNd0pXo2kwZzAdBgNVHQ4EFgQUVLACtgWV6GRU
5SAGQEG9kRr7LmAwHwYDVR0jBBgwFoAUVLACtgWV6GRU5SAGQEG9kRr7LmAwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAKijFAEct4Ohif884QWLzJeQPqbHwIlrDy+UZVktzhkoAiEA/v5Li37O
G51f9MTmXNn5rXZ6dlW7JRnut8Itn785hpw=
-----END CERTIFICATE-----
`;

export const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggCljwckgKuNJCe/u
EynvGQPpl+qXjQ+H/OtpzTy4/MqhRANCAARC33eG8lPAu6uu+dTWz7+3O3CGDxOZ
zdfeg2DcmNudNPVd661I+hGY6JjO9LQyUGx1XOLCRIE1nzEX/YCNd0pX
-----END PRIVATE KEY-----
`;

export const FINGERPRINT = new X509Certificate(CERTIFICATE).fingerprint256;
export const OTHER_FINGERPRINT = FINGERPRINT.split(':').reverse().join(':');

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  /** encrypted with `CLIENT_PASSPHRASE` */
  readonly clientKey: string;
}

export const CLIENT_PASSPHRASE = 'cl1ent-Passphrase';

/** An authority, a server's certificate for `db.example` and 127.0.0.1, and a client's, as PEM files in a folder. */
export function makeCertificates(folder: string, client: string): Certificates {
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  openssl(
    'req',
    '-x509',
    ...ec,
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ca',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  const signed = (name: string, subject: string, names: string, key: readonly string[]) => {
    openssl('req', ...ec, ...key, '-subj', subject, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    writeFileSync(file(`${name}.ext`), names);
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...by,
      '-extfile',
      file(`${name}.ext`),
      '-out',
      file(`${name}.pem`),
    );
  };
  signed('server', '/CN=db.example', 'subjectAltName=DNS:db.example,IP:127.0.0.1', ['-nodes']);
  signed('client', `/CN=${client}`, 'extendedKeyUsage=clientAuth', ['-passout', `pass:${CLIENT_PASSPHRASE}`]);
  return {
    ca: file('ca.pem'),
    cert: file('server.pem'),
    key: file('server.key'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
  };
}
