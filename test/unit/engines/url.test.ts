import assert from 'node:assert/strict';
import { formatHost } from '../../../src/engines/hosts.ts';
import { parseConnectionUrl, readAddress } from '../../../src/engines/url.ts';
import { isFailure } from '../../../src/util/failure.ts';

describe('connection addresses', () => {
  it('reads every part, percent-encoded', () => {
    const { profile, password } = parseConnectionUrl('postgresql://a%40b:p%2Fw%3A@db.example.com:6432/my%20shop');
    assert.equal(password, 'p/w:');
    assert.deepEqual(profile, {
      id: 'postgres://a@b@db.example.com:6432/my shop',
      engine: 'postgres',
      nodes: [{ host: 'db.example.com', port: 6432 }],
      user: 'a@b',
      database: 'my shop',
      tls: { mode: 'off' },
    });
  });

  const engines: readonly (readonly [url: string, engine: string, host: string, port: number])[] = [
    ['postgres://u:p@h/d', 'postgres', 'h', 5432],
    ['mysql://u:p@h', 'mysql', 'h', 3306],
    ['mariadb://u:p@h:3307/d', 'mysql', 'h', 3307],
    ['sqlserver://sa:p@h/d', 'sqlserver', 'h', 1433],
    ['mongodb://h/d', 'mongodb', 'h', 27017],
    ['postgres://u:p@[2001:db8::1]:5433/d', 'postgres', '2001:db8::1', 5433],
    ['postgres://', 'postgres', 'localhost', 5432],
  ];
  for (const [url, engine, host, port] of engines) {
    it(url, () => {
      const { profile } = parseConnectionUrl(url);
      assert.deepEqual([profile.engine, profile.nodes], [engine, [{ host, port }]]);
    });
  }

  it('several hosts of a replica set', () => {
    const { profile, password } = parseConnectionUrl(
      'mongodb://u:p@w@a:1,b,c:3/d?replicaSet=rs0&authSource=admin&tls=true',
    );
    assert.equal(password, 'p@w');
    assert.deepEqual(
      profile.nodes.map(({ host, port }) => `${host}:${port}`),
      ['a:1', 'b:27017', 'c:3'],
    );
    assert.deepEqual([profile.replicaSet, profile.authSource, profile.tls.mode], ['rs0', 'admin', 'verify-full']);
  });

  const tls: readonly (readonly [url: string, mode: string, caFile?: string])[] = [
    ['postgres://h/d?sslmode=disable', 'off'],
    ['postgres://h/d?sslmode=require', 'required'],
    ['postgres://h/d?sslmode=verify-ca', 'verify-ca'],
    ['postgres://h/d?sslmode=verify-full&sslrootcert=/etc/ca.pem', 'verify-full', '/etc/ca.pem'],
    ['mysql://h/d?ssl-mode=REQUIRED', 'required'],
    ['mysql://h/d?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/ca.pem', 'verify-full', '/etc/ca.pem'],
    ['sqlserver://h/d?encrypt=true&trustServerCertificate=true', 'required'],
    ['sqlserver://h/d?encrypt=true', 'verify-full'],
    ['sqlserver://h/d?encrypt=true&certificate=/etc/ca.pem', 'verify-full', '/etc/ca.pem'],
    ['mongodb://h/d?tls=true&tlsCAFile=/etc/ca.pem', 'verify-full', '/etc/ca.pem'],
    ['mongodb://h/d?tls=true&tlsAllowInvalidCertificates=true', 'required'],
  ];
  for (const [url, mode, caFile] of tls) {
    it(url, () => {
      const { profile } = parseConnectionUrl(url);
      assert.deepEqual([profile.tls.mode, profile.tls.caFile], [mode, caFile]);
    });
  }

  for (const [url, named] of [
    ['postgres://u:S3cret@h/db?ssl=true', /option ssl /],
    ['postgres://u:S3cret@h/db?options=-csearch_path%3Dx', /option options /],
    ['postgres://u:S3cret@/db?host=/var/run/postgresql', /option host /],
    ['mysql://u:S3cret@h/db?useSSL=true', /option useSSL /],
    ['mongodb://u:S3cret@h/?readPreference=secondary', /option readPreference /],
    ['mongodb://u:S3cret@h/?authMechanism=MONGODB-X509', /option authMechanism /],
    ['mongodb://u:S3cret@h/?loadBalanced=true', /option loadBalanced /],
    ['mongodb+srv://u:S3cret@cluster.example/db', /mongodb\+srv/],
    ['mysql://u:S3cret@h/db?pin=AB:CD', /option pin /],
    ['postgres://u:S3cret@h/db?sslmode=disable&pin=' + 'a'.repeat(64), /option pin /],
    ['sqlserver://h:1433;user=sa;password=S3cret;columnEncryptionSetting=Enabled', /option columnEncryptionSetting /],
  ] as const) {
    it(`refuses ${url} by what it does not understand`, () => {
      assert.throws(
        () => parseConnectionUrl(url),
        (error) => isFailure(error) && named.test(error.message) && !error.message.includes('S3cret'),
      );
    });
  }

  it('takes options in any case, and one node as it was named', () => {
    const { profile } = parseConnectionUrl('mongodb://h/d?replicaset=rs0&AUTHSOURCE=admin&retryWrites=true');
    assert.deepEqual([profile.replicaSet, profile.authSource], ['rs0', 'admin']);
    const direct = parseConnectionUrl('mongodb://h/d?replicaSet=rs0&directConnection=true').profile;
    assert.equal(direct.replicaSet, undefined);
  });

  for (const url of [
    'h/d',
    'redis://u:S3cret@h/d',
    'postgres://u:S3cret@h:port/d',
    'postgres://u:S3cret@h:70000/d',
    'postgres://u:S3cret%zz@h/d',
    'postgres://u:S3cret@h/d?sslmode=perhaps',
    'postgres://u:1/S3cret@h/d',
    'postgres://u:a@b/S3cret@h/d',
    'postgres://u:1?S3cret@h/d',
    'postgres://u:1?S3cret&x=y@h/d',
    'sqlserver://h;user=sa;password=1;S3cret',
  ]) {
    it(`refuses ${url} without repeating the password`, () => {
      assert.throws(
        () => parseConnectionUrl(url),
        (error) =>
          isFailure(error) && error.reason === 'bad-input' && !JSON.stringify([error, error.stack]).includes('S3cret'),
      );
    });
  }

  const forms: readonly (readonly [
    text: string,
    engine: 'mysql' | 'postgres' | 'sqlserver' | 'mongodb',
    says: string,
  ])[] = [
    ['h', 'postgres', 'h:5432'],
    ['[::1]:5433', 'postgres', '[::1]:5433'],
    ['a:1, b', 'mongodb', 'a:1 b:27017'],
    ['h\\SQLEXPRESS', 'sqlserver', 'h\\SQLEXPRESS'],
    ['tcp:h\\SQLEXPRESS,14330', 'sqlserver', 'h:14330'],
    ['h, 14330', 'sqlserver', 'h:14330'],
    ['.\\MSSQLSERVER', 'sqlserver', 'localhost:1433'],
    ['sqlserver://u:p%40@h\\INST/d', 'sqlserver', 'h\\INST u p@ d'],
    [
      'jdbc:sqlserver://h:14330;databaseName=d;user=sa;password={p;a}}s};encrypt=true',
      'sqlserver',
      'h:14330 sa p;a}s d verify-full',
    ],
    ['jdbc:sqlserver://h;instanceName=INST;encrypt=false', 'sqlserver', 'h\\INST off'],
    [
      'Server=tcp:h,14330;Database=d;User Id=sa;Password="a;b";Encrypt=Mandatory;TrustServerCertificate=yes',
      'sqlserver',
      'h:14330 sa a;b d required',
    ],
    [
      'jdbc:mysql://h:3307/d?user=u&password=p+%40@&sslMode=VERIFY_CA&useUnicode=true',
      'mysql',
      'h:3307 u p+@@ d verify-ca',
    ],
    ['Server=h;Port=3307;Uid=u;Pwd=p=q;SslMode=Required', 'mysql', 'h:3307 u p=q required'],
    ["host=h port=5433 user=u password='p \\'w' dbname=d sslmode=require", 'postgres', "h:5433 u p 'w d required"],
    [
      'postgres://u:p@h/d?sslmode=verify-full&sslcert=c.pem&sslkey=k.pem&sslpassword=s',
      'postgres',
      'h:5432 u p d verify-full s',
    ],
    [
      'mongodb://u:p@h/?tls=true&tlsCertificateKeyFile=ck.pem&tlsCertificateKeyFilePassword=s',
      'mongodb',
      'h:27017 u p verify-full s',
    ],
    [`mysql://u:p@h?pin=SHA256:${'aB'.repeat(32)}`, 'mysql', 'h:3306 u p pinned'],
  ];
  for (const [text, engine, says] of forms) {
    it(`reads ${text} where ${engine} is meant`, () => {
      const { nodes, user, password, database, tls, keyPassphrase } = readAddress(text, engine);
      const said = [user, password, database, tls?.mode ?? null, keyPassphrase].filter((part) => part !== null);
      assert.equal([...nodes.map(formatHost), ...said].join(' '), says);
    });
  }

  it('takes no address of another engine, and no several where there is one', () => {
    assert.throws(() => readAddress('mysql://u:S3cret@h', 'postgres'), /another kind of database \(mysql\)/);
    assert.throws(() => readAddress('a:1,b:2', 'mysql'), /Only MongoDB/);
  });
});
