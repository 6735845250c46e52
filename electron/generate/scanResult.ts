import { z } from 'zod';
import { Gap } from '../../shared/model/gap.ts';

/** What a scan answers. Apart from the detectors, so that the node can read it without loading them. */
export const ScanResult = z.object({
  gaps: z.array(Gap),
  /** What could not be looked at, in words; the rest still counts. */
  troubles: z.array(z.string()),
});
export type ScanResult = z.infer<typeof ScanResult>;
