/** The answer of DescribeRegions. */
import * as z from 'zod';
import type { DtsRegion } from './api.ts';
import { listOf, text } from './wireValues.ts';

export const regionsAnswer = z.object({
  RegionSet: listOf(z.object({ Region: z.string().min(1), RegionName: text, RegionState: text })),
});

/** Those that can be used; in the service's order. */
export function regionsOf({ data }: { readonly data: z.infer<typeof regionsAnswer> }): readonly DtsRegion[] {
  return data.RegionSet.filter(({ RegionState }) => RegionState !== 'UNAVAILABLE').map(({ Region, RegionName }) => ({
    id: Region,
    name: RegionName,
  }));
}
