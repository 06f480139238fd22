/** Every field of DTS's answers: those the SDK declares, and those our schemas read. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as z from 'zod';

const models = readFileSync(
  createRequire(import.meta.url).resolve('tencentcloud-sdk-nodejs/tencentcloud/services/dts/v20211206/dts_models.d.ts'),
  'utf8',
);

/** The fields of an interface of the SDK with those of what it is made of, as dotted paths without positions of lists. */
export function declaredFields(name: string, path = '', above: readonly string[] = []): string[] {
  const body = new RegExp(`^export interface ${name} \\{$([^]*?)^\\}$`, 'm').exec(models)?.[1] ?? '';
  const fields = [...body.matchAll(/^ {4}(\w+)\??: (?:Array<)?([\w.]+)/gm)];
  return fields.flatMap(([, field = '', type = '']) => {
    const place = path === '' ? field : `${path}.${field}`;
    // a type inside itself says nothing new
    return [place, ...(above.includes(type) ? [] : declaredFields(type, place, [...above, type]))];
  });
}

type Json = Readonly<Record<string, unknown>>;

/** The fields a schema reads, as dotted paths. */
export function readFields(schema: z.ZodType): string[] {
  return walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), '');
}

function walk(schema: Json, path: string): string[] {
  const parts = ['anyOf', 'allOf', 'oneOf'].flatMap((key) => (schema[key] as Json[] | undefined) ?? []);
  if (schema.items) parts.push(schema.items as Json);
  const properties = Object.entries((schema.properties as Record<string, Json> | undefined) ?? {});
  return [
    ...parts.flatMap((part) => walk(part, path)),
    ...properties.flatMap(([field, part]) => {
      const place = path === '' ? field : `${path}.${field}`;
      return [place, ...walk(part, place)];
    }),
  ];
}

/** The fields of one answer as it came, as dotted paths. */
export function fieldsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => fieldsIn(item, path)))];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, part]) => {
    const place = path === '' ? field : `${path}.${field}`;
    return [place, ...fieldsIn(part, place)];
  });
}
