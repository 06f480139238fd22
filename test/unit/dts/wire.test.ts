import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TASK_STATUSES } from '../../../src/cutover/facts.ts';
import { readWhatCanBeRead } from '../../../src/dts/readable.ts';
import { detailAnswer, listAnswer, taskFacts } from '../../../src/dts/wire.ts';
import { differencesAnswer, gtidAnswer, reportAnswer } from '../../../src/dts/wireComparison.ts';
import { parseInstant } from '../../../src/dts/wireValues.ts';
import { everythingIn } from './support.ts';

const MINIMAL = { JobId: 'dts-abc' };

function factsOf(wire: object, detailed = true) {
  const answer = readWhatCanBeRead(detailAnswer, { ...MINIMAL, ...wire });
  assert.ok(answer.readable);
  const { data, unreadable } = answer;
  return taskFacts(data, { region: 'ap-guangzhou', detailed, readAt: 1000, unreadable });
}

const sinker = (Status: string, measures: object = {}) => ({
  StepInfo: { ...measures, StepInfo: [{ StepId: 'sinker', StepName: 'x', Status, Percent: 0 }] },
});

describe('answers about tasks', () => {
  it('take a task of which nothing is told but its id', () => {
    const facts = factsOf({});
    assert.equal(facts.status, 'unrecognized');
    assert.equal(facts.trade, 'unrecognized');
    assert.equal(facts.migrateType, 'unrecognized');
    assert.deepEqual([facts.gapMb, facts.lagSeconds, facts.createdAt, facts.error], [null, null, null, null]);
    assert.deepEqual(facts.source.nodes, []);
  });

  it('take null for every field that may be null', () => {
    const nulls = [
      'JobName',
      'Status',
      'CreateTime',
      'Action',
      'StepInfo',
      'SrcInfo',
      'TradeInfo',
      'MigrateOption',
      'ErrorInfo',
    ];
    const facts = factsOf(Object.fromEntries(nulls.map((key) => [key, null])));
    assert.equal(facts.rawStatus, '');
    assert.deepEqual(facts.steps, []);
    assert.equal(factsOf({ StepInfo: { StepInfo: null, MasterSlaveDistance: null } }).gapMb, null);
    assert.deepEqual(factsOf({ SrcInfo: { Info: null, Region: null } }).source.nodes, []);
  });

  it('refuse a task without an id, and say where', () => {
    assert.deepEqual(readWhatCanBeRead(detailAnswer, { Status: 'running' }), { readable: false, failedAt: 'JobId' });
    for (const body of [null, 7, 'x', []]) assert.equal(readWhatCanBeRead(detailAnswer, body).readable, false);
  });

  it('lose an odd item of a page, and no other', () => {
    const odd = [{ ...MINIMAL, JobId: 7 }, { JobName: 'no id' }, 'x', null, 7];
    for (const item of odd) {
      const page = readWhatCanBeRead(listAnswer, { TotalCount: 3, JobList: [MINIMAL, item, { JobId: 'dts-z' }] });
      assert.ok(page.readable);
      assert.deepEqual(
        page.data.JobList.map((task) => task?.JobId),
        ['dts-abc', undefined, 'dts-z'],
      );
      assert.ok(page.unreadable.includes('JobList.1'));
    }
  });

  it('lose an odd field, name its place and keep the task', () => {
    const facts = factsOf({
      Status: 'readyComplete',
      JobName: ['odd'],
      TradeInfo: 'normal',
      BriefMsg: 7,
      ErrorInfo: [{ ErrorLog: 'kept', Solution: '' }, 'lost'],
      Action: { AllowedAction: ['complete', 7] },
      StepInfo: { MasterSlaveDistance: 0, SecondsBehindMaster: 0, StepInfo: [{ StepName: { en: 'x' } }, 'y'] },
    });
    assert.equal(facts.status, 'readyComplete');
    assert.deepEqual([facts.name, facts.trade, facts.gapMb, facts.lagSeconds], ['', 'unrecognized', 0, 0]);
    assert.deepEqual(facts.allowedActions, ['complete']);
    assert.equal(facts.error?.message, 'kept');
    assert.deepEqual([...(facts.unreadable ?? [])].sort(), [
      ...['Action.AllowedAction.1', 'BriefMsg', 'ErrorInfo.1', 'JobName'],
      ...['StepInfo.StepInfo.0.StepName', 'StepInfo.StepInfo.1', 'TradeInfo'],
    ]);
  });

  it('read every task whatever stands beside its id and status, and turn nothing odd into a zero', () => {
    const fields = ['JobName', 'Action', 'StepInfo', 'SrcInfo', 'DstInfo', 'TradeInfo', 'MigrateOption', 'ErrorInfo'];
    const junk = fc.dictionary(fc.constantFrom(...fields, 'CreateTime', 'UpdateTime', 'BriefMsg'), fc.jsonValue());
    fc.assert(
      fc.property(junk, (wire) => {
        const facts = factsOf({ ...wire, Status: 'readyComplete' });
        assert.equal(facts.status, 'readyComplete');
        const told = (wire.StepInfo ?? {}) as { MasterSlaveDistance?: unknown };
        if (facts.gapMb !== null) assert.equal(facts.gapMb, told.MasterSlaveDistance);
      }),
    );
  });

  it('know every status of DTS, and show another one as itself', () => {
    for (const status of TASK_STATUSES) assert.equal(factsOf({ Status: status }).status, status);
    for (const raw of ['readycomplete', 'ReadyComplete', 'readyComplete ', 'finished', 'constructor', '__proto__']) {
      assert.equal(factsOf({ Status: raw }).status, 'unrecognized');
      assert.equal(factsOf({ Status: raw }).rawStatus, raw);
    }
    assert.equal(factsOf({ TradeInfo: { TradeStatus: 'frozen' } }).trade, 'unrecognized');
    assert.equal(factsOf({ TradeInfo: { TradeStatus: 'isolated' } }).trade, 'isolated');
    assert.equal(factsOf({ MigrateOption: { MigrateType: 'increment' } }).migrateType, 'unrecognized');
  });

  it('take no gap or lag that is not a whole number from 0 on', () => {
    const gapOf = (value: unknown) => factsOf(sinker('running', { MasterSlaveDistance: value })).gapMb;
    assert.equal(gapOf(0), 0);
    assert.equal(gapOf(7), 7);
    for (const value of [-1, null, undefined, 0.5, '0', '', NaN, Infinity, false, [], 1e300])
      assert.equal(gapOf(value), null);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const gap = gapOf(value);
        return gap === null || (gap === value && Number.isInteger(gap) && gap >= 0);
      }),
    );
  });

  it('take no gap or lag from before the last step began: its 0 is no zero', () => {
    const measures = { MasterSlaveDistance: 0, SecondsBehindMaster: 0 };
    for (const status of ['notStarted', '', 'failed']) assert.equal(factsOf(sinker(status, measures)).gapMb, null);
    for (const status of ['running', 'finished']) assert.equal(factsOf(sinker(status, measures)).lagSeconds, 0);
  });

  it('take them from the incremental step wherever it stands, and from a task that is ready where no id tells it', () => {
    const gapOf = (StepInfo: object[], Status = 'readyComplete') =>
      factsOf({ Status, StepInfo: { MasterSlaveDistance: 0, StepInfo } }).gapMb;
    const [running, waiting] = [
      { StepId: 'sinker', Status: 'running' },
      { StepId: 'check', Status: 'notStarted' },
    ];
    assert.equal(gapOf([running, waiting]), 0);
    assert.equal(
      gapOf([
        { ...running, Status: 'notStarted' },
        { StepId: 'check', Status: 'running' },
      ]),
      null,
    );
    assert.equal(gapOf([{ StepId: 'IncSync', Status: 'running' }, waiting]), 0);
    assert.equal(gapOf([{ StepId: 'IncSync', Status: 'running' }, waiting], 'running'), null);
  });

  it('call a step finished by either of its two words', () => {
    const statusOf = (raw: string) => factsOf(sinker(raw)).steps[0]?.status;
    assert.deepEqual(['success', 'finished', 'running', 'failed', 'notStarted', ''].map(statusOf), [
      ...['finished', 'finished', 'running', 'failed', 'notStarted', 'notStarted'],
    ]);
    assert.equal(statusOf('skipped'), 'unrecognized');
    assert.equal(factsOf({ StepInfo: { StepInfo: [{ Percent: 101 }] } }).steps[0]?.percent, null);
  });

  it('name what is allowed once', () => {
    const { allowedActions } = factsOf({ Action: { AllowedAction: ['view', 'stop', 'complete', 'view'] } });
    assert.deepEqual(allowedActions, ['view', 'stop', 'complete']);
  });

  it('read Beijing time, ISO time with any offset, and nothing else', () => {
    const at = Date.UTC(2022, 6, 11, 8, 20, 49);
    for (const text of [
      '2022-07-11 16:20:49',
      '2022-07-11T16:20:49+08:00',
      '2022-07-11T08:20:49Z',
      '2022-07-11T04:20:49-0400',
    ]) {
      assert.equal(parseInstant(text), at, text);
    }
    for (const text of ['', '0000-00-00 00:00:00', '2022-13-45 00:00:00', 'soon', '2022-07-11', '1657527649']) {
      assert.equal(parseInstant(text), null, text);
    }
  });

  it('keep every node, and tell which engine of ours speaks to it', () => {
    const { source } = factsOf({
      SrcInfo: {
        DatabaseType: 'mongodb',
        AccessType: 'ccn',
        Region: 'ap-beijing',
        Info: [
          { Host: '10.0.0.1', Port: 27017, User: 'dts' },
          { Host: '10.0.0.2', Port: 27018, User: 'dts' },
          { Host: '', Port: 0, User: '', InstanceId: 'cmgo-1' },
        ],
      },
    });
    assert.equal(source.engine, 'mongodb');
    assert.equal(source.instanceId, 'cmgo-1');
    assert.deepEqual(
      source.nodes.map(({ host, port }) => [host, port]),
      [
        ['10.0.0.1', 27017],
        ['10.0.0.2', 27018],
        ['', null],
      ],
    );
    const engineOf = (DatabaseType: string) => factsOf({ DstInfo: { DatabaseType } }).target.engine;
    assert.deepEqual(['mariadb', 'tdsqlpercona', 'cynosdbpg', 'sqlserver'].map(engineOf), [
      'mysql',
      'mysql',
      'postgres',
      'sqlserver',
    ]);
    assert.deepEqual(['redis', 'kafka', '', 'toString'].map(engineOf), [null, null, null, null]);
  });

  it('follow renamed databases, schemas and tables, case and all', () => {
    const { scope } = factsOf({
      MigrateOption: {
        DatabaseTable: {
          ObjectMode: 'partial',
          Databases: [
            { DbName: 'Shop', NewDbName: 'shop2', DBMode: 'all' },
            {
              DbName: 'crm',
              SchemaName: 'sales',
              NewSchemaName: 'sales2',
              DBMode: 'partial',
              TableMode: 'partial',
              Tables: [
                { TableName: 'Orders', NewTableName: 'orders_v2', TableEditMode: 'rename' },
                { TableName: 'items', NewTableName: '', TableEditMode: '' },
                { TableName: 'big', TmpTables: ['_big_new', '_big_old'], TableEditMode: 'pt' },
              ],
            },
            { DbName: 'logs', SchemaName: 'public', DBMode: 'partial', SchemaMode: 'all', TableMode: '' },
            { DbName: 'views', DBMode: 'partial', TableMode: '', Tables: [] },
          ],
        },
      },
    });
    assert.equal(scope.mode, 'partial');
    assert.deepEqual(scope.databases[0], {
      name: 'Shop',
      newName: 'shop2',
      schema: null,
      newSchema: null,
      allTables: true,
      tables: [],
    });
    assert.deepEqual(scope.databases[1], {
      ...{ name: 'crm', newName: 'crm', schema: 'sales', newSchema: 'sales2', allTables: false },
      tables: [
        { name: 'Orders', newName: 'orders_v2' },
        { name: 'items', newName: 'items' },
        { name: 'big', newName: 'big', temporary: ['_big_new', '_big_old'] },
      ],
    });
    assert.equal(scope.databases[2]?.allTables, true);
    assert.deepEqual([scope.databases[3]?.allTables, scope.databases[3]?.tables], [false, []]);
  });

  it('count a scope in unknown words, or of which a part cannot be read, as everything, never as nothing', () => {
    const scopeOf = (DatabaseTable: unknown) => factsOf({ MigrateOption: { DatabaseTable } }).scope.mode;
    assert.equal(scopeOf({ ObjectMode: 'some' }), 'all');
    assert.equal(scopeOf(null), 'all');
    const shop = { DbName: 'shop', DBMode: 'all' };
    assert.equal(scopeOf({ ObjectMode: 'partial', Databases: [shop] }), 'partial');
    for (const Databases of [[], null, 'shop', [shop, 7], [shop, { DbName: 7 }], [{ ...shop, DBMode: {} }]]) {
      assert.equal(scopeOf({ ObjectMode: 'partial', Databases }), 'all', JSON.stringify(Databases));
    }
    const tables = (Tables: unknown) => [{ DbName: 'shop', DBMode: 'partial', TableMode: 'partial', Tables }];
    assert.equal(
      scopeOf({ ObjectMode: 'partial', Databases: tables([{ TableName: 'a' }, { NewTableName: 'b' }]) }),
      'all',
    );
  });

  it('tell what the options leave out, and nothing where they are silent', () => {
    const option = (more: object) => factsOf({ MigrateOption: { DatabaseTable: { ObjectMode: 'all' }, ...more } });
    assert.deepEqual(option({}).options, {
      ...{ advancedObjects: null, targetReadOnly: null, migratesAccounts: null, overridesRoot: null },
    });
    const told = option({
      IsDstReadOnly: true,
      IsMigrateAccount: false,
      DatabaseTable: { AdvancedObjects: ['trigger'] },
    });
    assert.deepEqual(told.options, {
      ...{ advancedObjects: ['trigger'], targetReadOnly: true, migratesAccounts: false, overridesRoot: null },
    });
    assert.deepEqual(option({ DatabaseTable: { AdvancedObjects: [] } }).options?.advancedObjects, []);
    assert.equal(factsOf({}, false).options, undefined);
    const modes = {
      ...{ DbName: 'crm', DBMode: 'partial', TableMode: 'partial', Tables: [{ TableName: 'a' }], ViewMode: 'none' },
      ...{ TriggerMode: 'partial', Triggers: ['t1'], EventMode: 'all', FunctionMode: '', RoleMode: 'partial' },
    };
    const { scope } = option({ DatabaseTable: { ObjectMode: 'partial', Databases: [modes] } });
    assert.deepEqual(scope.databases[0]?.objects, [
      { kind: 'view', moved: 'none' },
      { kind: 'role', moved: [] },
      { kind: 'trigger', moved: ['t1'] },
      { kind: 'event', moved: 'all' },
    ]);
  });

  it('hand on what DTS says went wrong, with its advice', () => {
    assert.deepEqual(factsOf({ ErrorInfo: [{ ErrorLog: 'disk full', Solution: 'make room' }], BriefMsg: 'x' }).error, {
      message: 'disk full',
      solution: 'make room',
    });
    assert.deepEqual(factsOf({ BriefMsg: 'broken' }).error, { message: 'broken', solution: '' });
    const inStep = { StepInfo: { StepInfo: [{ Errors: [{ Message: 'no right', Solution: 'grant it' }] }] } };
    assert.deepEqual(factsOf(inStep).error, { message: 'no right', solution: 'grant it' });
  });

  it('let no secret and no unknown field through', () => {
    const leak = { Password: 'S1', TmpSecretId: 'S2', TmpSecretKey: 'S3', TmpToken: 'S4', NewField: 'S5' };
    const end = {
      ...leak,
      DatabaseType: 'mysql',
      Info: [{ Host: 'h', Port: 1, User: 'u', ...leak }],
      ExtraAttr: [{ Key: 'k', Value: 'S6' }],
    };
    const text = everythingIn(factsOf({ SrcInfo: end, DstInfo: end, ...leak }));
    assert.match(text, /host h/);
    assert.doesNotMatch(text, /S[1-6]/);
  });
});

describe("answers about DTS's own comparison", () => {
  it('keep both values of a differing row, and which side lacks it', () => {
    const item = { DBName: 'shop', TableName: 'orders', ChunkId: 1, Identifier: 'id=7', SchemaInfo: ['id', 'note'] };
    const { total, rows } = differencesAnswer.parse({
      TotalCount: 3,
      Items: [
        { ...item, DiffType: 'data', SrcItem: ['7', null], DstItem: ['7', ''] },
        { ...item, DiffType: 'srcLack', SrcItem: null, DstItem: ['8', 'x'] },
        { ...item, DiffType: 'moved' },
      ],
    });
    assert.equal(total, 3);
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['changed', 'missingOnSource', 'unrecognized'],
    );
    assert.deepEqual(rows[0]?.source, ['7', null]);
    assert.deepEqual(rows[1]?.source, []);
  });

  it('never turn a missing or unknown conclusion into "same"', () => {
    const conclusionOf = (Abstract: object) => reportAnswer.parse({ Abstract }).conclusion;
    assert.equal(conclusionOf({ Conclusion: 'same', Status: 'success' }), 'same');
    assert.equal(conclusionOf({ Conclusion: '', Status: 'success' }), 'none');
    assert.equal(conclusionOf({ Conclusion: null }), 'none');
    assert.equal(conclusionOf({ Conclusion: 'consistent' }), 'unrecognized');
    assert.equal(reportAnswer.parse({ Abstract: { SkippedTables: -1 } }).skippedTables, null);
  });

  it('collect what only some engines report', () => {
    const { others } = reportAnswer.parse({
      Abstract: {},
      Detail: {
        DifferenceRow: { TotalCount: 1, Items: [{ Db: 'a', Table: 'c', SrcCount: 3, DstCount: 2 }] },
        DifferenceOwner: {
          TotalCount: 1,
          Items: [{ Db: 'd', Schema: 's', ObjectName: 'o', SrcOwner: 'x', DstOwner: 'y' }],
        },
        DifferenceSchema: null,
      },
    });
    assert.deepEqual(others, [
      { kind: 'row count', name: 'a.c', source: '3', target: '2' },
      { kind: 'owner', name: 'd.s.o', source: 'x', target: 'y' },
    ]);
  });

  it('leave open whether extra transactions matter when DTS does not tell', () => {
    const [detail] = gtidAnswer.parse({ Conclusion: 'different', Detail: [{ DiffSrc: 'a:1-3' }] }).details;
    assert.equal(detail?.touchesMigratedTables, null);
    assert.equal(detail?.onlyOnSource, 'a:1-3');
  });
});
