/** Source, target and what is moved, in DTS's wire format. */
import type { SandboxDatabase, SandboxEndpoint, SandboxNode, SandboxTask } from './task.ts';

export function endpoint({ databaseType, accessType, region, nodeType, nodes }: SandboxEndpoint) {
  return {
    Region: region,
    AccessType: accessType,
    DatabaseType: databaseType,
    NodeType: nodeType ?? 'simple',
    Info: nodes.map(node),
    Supplier: accessType === 'cdb' ? '' : 'others',
    ExtraAttr: [],
  };
}

function node({ host, port, user, password, instanceId, tmpSecretKey, tmpToken }: SandboxNode) {
  return {
    Role: '',
    DbKernel: '',
    Host: host ?? '',
    Port: port ?? 0,
    User: user ?? '',
    Password: password ?? '',
    CvmInstanceId: '',
    UniqVpnGwId: '',
    UniqDcgId: '',
    InstanceId: instanceId ?? '',
    CcnGwId: '',
    VpcId: '',
    SubnetId: '',
    EngineVersion: '',
    Account: '',
    AccountRole: '',
    AccountMode: '',
    TmpSecretId: '',
    TmpSecretKey: tmpSecretKey ?? '',
    TmpToken: tmpToken ?? '',
  };
}

/** What is moved: each engine's answers have fields of their own. */
export function databaseTable({ source: { databaseType }, databases, advancedObjects }: SandboxTask) {
  const ObjectMode = databases === 'all' ? 'all' : 'partial';
  const listed = databases === 'all' ? [] : databases;
  if (databaseType === 'mongodb')
    return { ObjectMode, Databases: databases === 'all' ? null : listed.map(collections) };
  if (databaseType === 'postgresql') return { ObjectMode, AdvancedObjects: null, Databases: listed.map(schema) };
  return {
    ObjectMode,
    Databases: listed.map(database),
    ...(advancedObjects === undefined ? {} : { AdvancedObjects: advancedObjects }),
  };
}

const chosen = (tables: Exclude<SandboxDatabase['tables'], 'all'>) =>
  tables.map(({ name, newName }) => ({
    TableName: name,
    NewTableName: newName ?? '',
    TmpTables: [],
    TableEditMode: newName ? 'rename' : '',
  }));

const collections = ({ name, newName, tables }: SandboxDatabase) => ({
  DbName: name,
  NewDbName: newName ?? '',
  DBMode: tables === 'all' ? 'all' : 'partial',
  ...(tables === 'all' ? {} : { TableMode: 'partial', Tables: chosen(tables) }),
});

const schema = ({ name, newName, schema: schemaName, newSchema, tables }: SandboxDatabase) => ({
  DbName: name,
  NewDbName: newName ?? '',
  SchemaName: schemaName ?? '',
  NewSchemaName: newSchema ?? '',
  DBMode: 'partial',
  SchemaMode: 'partial',
  TableMode: tables === 'all' ? 'all' : 'partial',
  Tables: tables === 'all' ? null : chosen(tables),
  ViewMode: 'all',
  RoleMode: 'none',
  Roles: null,
});

const database = ({ name, newName, schema: schemaName, newSchema, tables }: SandboxDatabase) => ({
  DbName: name,
  NewDbName: newName ?? '',
  SchemaName: schemaName ?? '',
  NewSchemaName: newSchema ?? '',
  DBMode: tables === 'all' && !schemaName ? 'all' : 'partial',
  SchemaMode: schemaName ? (tables === 'all' ? 'all' : 'partial') : '',
  TableMode: tables === 'all' ? '' : 'partial',
  Tables: tables === 'all' ? [] : chosen(tables),
  ViewMode: '',
  Views: [],
  RoleMode: '',
  Roles: [],
  FunctionMode: '',
  TriggerMode: '',
  EventMode: '',
  ProcedureMode: '',
});
