/**
 * Keys that are already on this machine: environment variables, the SDKs' credentials file and the command line tool's
 * `~/.tccli`. A profile is known by its file and its name: two files may both have a `default`. Nothing is written. A source that is there but broken is a Failure that names the
 * file and the field, never its content; a source that is not there is null.
 */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { Credentials, Identity } from './api.ts';
import { cliFolder, sdkFile, type Environment } from './credentialFiles.ts';

/** Where keys can be had, without the keys. */
export interface CredentialSource {
  readonly kind: 'environment' | 'file' | 'cli';
  /** the profile's name; '' for the environment */
  readonly profile: string;
  /** the file they stand in; '' for the environment */
  readonly file: string;
  /** the region that goes with them, '' where none is given */
  readonly region: string;
  /** why they cannot be used as they are; null when they can */
  readonly problem: Sentence | null;
}

const SESSION_NAME = 'dts-cutover';

/**
 * TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, for temporary keys a token, and TENCENTCLOUD_ROLE_ARN for a role to be
 * acted as; without keys the workload's own role, where a cluster gives it one (TKE_ROLE_ARN).
 */
export function environmentIdentity(env: Environment = process.env): Identity | null {
  const keys = credentialsFrom(null, {
    secretId: env.TENCENTCLOUD_SECRET_ID,
    secretKey: env.TENCENTCLOUD_SECRET_KEY,
    // the command line tool uses the first name, the SDKs the second, Terraform the third
    token: env.TENCENTCLOUD_TOKEN || env.TENCENTCLOUD_SESSION_TOKEN || env.TENCENTCLOUD_SECURITY_TOKEN,
  });
  const arn = env.TENCENTCLOUD_ROLE_ARN || env.TENCENTCLOUD_ASSUME_ROLE_ARN || '';
  if (keys && arn) return assumed(keys, arn, env.TENCENTCLOUD_ROLE_SESSION_NAME);
  if (arn) {
    throw new Failure(
      'bad-input',
      sentence('The environment names the role {role}, but no keys to ask for it with.', { role: arn }),
      sentence('Set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.'),
    );
  }
  return keys ?? (env.TKE_ROLE_ARN ? { role: 'workload' } : null);
}

function assumed(keys: Credentials, arn: string, sessionName: string | null | undefined): Identity {
  return { role: 'assume', keys, arn, sessionName: sessionName || SESSION_NAME };
}

/** Everything found, in the order in which one would try it. */
export async function listCredentialSources(
  env: Environment = process.env,
  home: string = homedir(),
): Promise<readonly CredentialSource[]> {
  const sources: CredentialSource[] = [];
  const add = async (
    source: Omit<CredentialSource, 'problem' | 'region'>,
    readKeys: () => Promise<Identity | null> | Identity | null,
    readRegion: () => Promise<string> | string,
  ) => {
    try {
      if (await readKeys()) sources.push({ ...source, region: await readRegion(), problem: null });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      sources.push({ ...source, region: '', problem: error.what });
    }
  };
  await add(
    { kind: 'environment', profile: '', file: '' },
    () => environmentIdentity(env),
    () => env.TENCENTCLOUD_REGION ?? '',
  );
  for (const profile of await cliProfiles(home)) {
    await add(
      { kind: 'cli', profile, file: cliFile(home, profile, 'credential') },
      () => cliIdentity(profile, home),
      () => cliRegion(profile, home),
    );
  }
  const file = sdkFile(env, home);
  for (const [profile, values] of parseIni((await readOptional(file)) ?? '')) {
    await add(
      { kind: 'file', profile, file },
      () => fileIdentity(profile, env, home),
      () => values.get('region') ?? '',
    );
  }
  return sources;
}

const credentialFile = z.object({
  secretId: z.string().nullish(),
  secretKey: z.string().nullish(),
  token: z.string().nullish(),
  /** seconds since 1970; the tool renews the keys of a login when it is run */
  expiresAt: z.number().nullish(),
  type: z.string().nullish(),
  'role-arn': z.string().nullish(),
  'role-session-name': z.string().nullish(),
});

/** A profile of the command line tool. */
export async function cliIdentity(profile: string, home: string = homedir()): Promise<Identity | null> {
  const file = cliFile(home, profile, 'credential');
  const content = await readOptional(file);
  if (content === null) return null;
  const {
    type,
    expiresAt,
    'role-arn': arn,
    'role-session-name': session,
    ...given
  } = parseJson(file, content, credentialFile);
  if (type === 'cvm-role') return { role: 'machine' };
  const keys = credentialsFrom(file, given);
  if (keys && expiresAt && expiresAt * 1000 <= Date.now()) {
    throw new Failure(
      'credentials-expired',
      sentence('The login of the profile {profile} in {file} has expired.', { profile, file }),
      sentence('Run tccli once with this profile (tccli auth login, or tccli sso login), then try again.'),
    );
  }
  if (!arn) return keys;
  if (keys) return assumed(keys, arn, session);
  throw new Failure(
    'bad-input',
    sentence('The profile {profile} in {file} names a role, but no keys to ask for it with.', { profile, file }),
    sentence('Give both, SecretId and SecretKey.'),
  );
}

/** The region stands beside the other settings of the tool; older versions wrote it at the top. */
async function cliRegion(profile: string, home: string): Promise<string> {
  const file = cliFile(home, profile, 'configure');
  const content = await readOptional(file);
  if (content === null) return '';
  const region = z.string().nullish();
  const settings = parseJson(file, content, z.object({ region, _sys_param: z.object({ region }).nullish() }));
  return settings._sys_param?.region ?? settings.region ?? '';
}

async function cliProfiles(home: string): Promise<string[]> {
  try {
    const files = await readdir(cliFolder(home));
    const profiles = files.filter((file) => file.endsWith('.credential')).map((file) => path.parse(file).name);
    return profiles.sort((a, b) => Number(b === 'default') - Number(a === 'default') || a.localeCompare(b));
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(cliFolder(home), error);
  }
}

/** A profile of the SDKs' credentials file; a role in it (`role_arn`) is acted as. */
export async function fileIdentity(
  profile: string,
  env: Environment = process.env,
  home: string = homedir(),
): Promise<Identity | null> {
  const file = sdkFile(env, home);
  const values = parseIni((await readOptional(file)) ?? '').get(profile);
  if (!values) return null;
  const place = `${file} [${profile}]`;
  const keys = credentialsFrom(place, {
    secretId: values.get('secret_id'),
    secretKey: values.get('secret_key'),
    token: values.get('token'),
  });
  const arn = values.get('role_arn');
  if (!arn) return keys;
  if (keys) return assumed(keys, arn, values.get('role_session_name'));
  throw new Failure('bad-input', sentence('{file} holds no {missing}.', { file: place, missing: 'SecretId' }));
}

function credentialsFrom(
  file: string | null,
  given: {
    secretId?: string | null | undefined;
    secretKey?: string | null | undefined;
    token?: string | null | undefined;
  },
): Credentials | null {
  const [secretId, secretKey, token] = [given.secretId, given.secretKey, given.token].map(
    (value) => value?.trim() ?? '',
  );
  if (!secretId && !secretKey) return null;
  if (!secretId || !secretKey) {
    const missing = secretId ? 'SecretKey' : 'SecretId';
    throw new Failure(
      'bad-input',
      file
        ? sentence('{file} holds no {missing}.', { file, missing })
        : sentence('The environment variables hold no {missing}.', { missing }),
      sentence('Give both, SecretId and SecretKey.'),
    );
  }
  return { secretId, secretKey, ...(token ? { token } : {}) };
}

/** `[section]`, `key = value`, comments with # or ;. Names are taken as they are, values without quotes around them. */
function parseIni(content: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of content.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const name = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1]?.trim();
    if (name !== undefined) {
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      continue;
    }
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) section?.set(key, value.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return sections;
}

function parseJson<T>(file: string, content: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch {
    // the parser's message quotes the content, so it goes no further
    throw new Failure('bad-input', sentence('{file} is not JSON.', { file }), sentence('Repair the file.'));
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Failure(
    'bad-input',
    field
      ? sentence('{file} has something unexpected at {field}.', { file, field })
      : sentence('{file} does not hold a JSON object.', { file }),
    sentence('Repair the file.'),
  );
}

async function readOptional(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(file, error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function unreadable(file: string, cause: unknown): Failure {
  return new Failure('bad-input', sentence('{file} cannot be read.', { file }), null, { cause });
}

function cliFile(home: string, profile: string, kind: 'credential' | 'configure'): string {
  if (profile !== path.basename(profile) || profile.startsWith('.')) {
    throw new Failure('bad-input', sentence('{profile} is not the name of a profile.', { profile }));
  }
  return path.join(cliFolder(home), `${profile}.${kind}`);
}
