/** The server's side of SCRAM-SHA-256 (RFC 7677), for one login. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

const ITERATIONS = 4096;

export class ScramLogin {
  readonly user: string;
  private readonly clientFirst: string;
  private readonly nonce: string;
  private readonly salt = randomBytes(28);

  /** `payload`: `n,,n=user,r=nonce` */
  constructor(payload: string) {
    this.clientFirst = payload.replace(/^[^,]*,[^,]*,/, '');
    this.user = /^n=([^,]*)/.exec(this.clientFirst)?.[1]?.replaceAll('=2C', ',').replaceAll('=3D', '=') ?? '';
    this.nonce = `${/,r=([^,]*)/.exec(this.clientFirst)?.[1] ?? ''}${randomBytes(18).toString('base64')}`;
  }

  challenge(): string {
    return `r=${this.nonce},s=${this.salt.toString('base64')},i=${ITERATIONS}`;
  }

  /** The server's signature, null where the proof is not the one of this password. */
  finish(payload: string, password: string): string | null {
    const match = /^(c=[^,]*,r=([^,]*)),p=(.*)$/.exec(payload);
    const [, withoutProof = '', nonce = '', proof = ''] = match ?? [];
    const salted = pbkdf2Sync(password, this.salt, ITERATIONS, 32, 'sha256');
    const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
    const message = `${this.clientFirst},${this.challenge()},${withoutProof}`;
    const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
    const signature = hmac(stored, message);
    const given = Buffer.from(proof, 'base64');
    if (nonce !== this.nonce || given.length !== signature.length) return null;
    const key = Buffer.from(given.map((byte, i) => byte ^ (signature[i] ?? 0)));
    if (!timingSafeEqual(createHash('sha256').update(key).digest(), stored)) return null;
    return `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`;
  }
}
