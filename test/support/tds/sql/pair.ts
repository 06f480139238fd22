/** Two TDS test servers with one database each, to be compared. */
import { TestServer } from '../../sqlserver.ts';
import { DigestServer } from './digestServer.ts';
import type { Database } from './store.ts';

interface Wanted {
  readonly version?: string | undefined;
  /** '5' is Azure SQL Database */
  readonly edition?: string;
  readonly collation?: string | undefined;
  readonly otherFloats?: boolean;
}

export interface DigestSide {
  readonly server: TestServer;
  readonly digest: DigestServer;
  readonly database: Database;
  /** of the administrator, or of another account */
  url(user?: string): string;
}

export class DigestPair {
  private constructor(
    readonly source: DigestSide,
    readonly target: DigestSide,
  ) {}

  static async start(name: string, wanted: { source?: Wanted; target?: Wanted } = {}): Promise<DigestPair> {
    return new DigestPair(await side(name, wanted.source ?? {}), await side(name, wanted.target ?? {}));
  }

  get urls(): { source: string; target: string } {
    return { source: this.source.url(), target: this.target.url() };
  }

  async stop(): Promise<void> {
    await Promise.all([this.source.server.stop(), this.target.server.stop()]);
  }
}

async function side(name: string, { version, edition, collation, otherFloats }: Wanted): Promise<DigestSide> {
  const server = await TestServer.start();
  if (version !== undefined) server.model.version = version;
  if (edition !== undefined) server.model.edition = edition;
  const digest = new DigestServer(server.model);
  digest.otherFloats = otherFloats ?? false;
  const database = digest.addDatabase(name, collation);
  return {
    server,
    digest,
    database,
    url(user = 'admin') {
      const password = server.model.logins.get(user)?.password ?? '';
      return `sqlserver://${user}:${password}@127.0.0.1:${server.tds.port}/${name}?encrypt=false`;
    },
  };
}
