import { z } from 'zod';
import { RiskTier, TaskType } from '../model/task.ts';

/** Longer lists are no small task. */
const MAX_ITEMS = 20;
const path = z.string().min(1).max(300);

/**
 * A spec as a model writes it. What else it says is dropped: who does the work, what it may cost, whether a
 * human looks at it and when it starts are none of its business.
 */
const SpecFields = z.object({
  title: z.string().trim().min(1).max(200),
  type: TaskType.nullish(),
  instructions: z.string().trim().min(1).max(8_000),
  acceptance: z.array(z.string().trim().min(1).max(500)).min(1).max(MAX_ITEMS),
  deliverables: z.array(path).max(MAX_ITEMS),
  scope: z.array(path).min(1).max(MAX_ITEMS),
  references: z.array(path).max(MAX_ITEMS).default([]),
  estimateMinutes: z.number().positive(),
  risk: RiskTier,
});

const key = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'a key is lower-case letters, digits and dashes');

export const SpecReply = SpecFields.extend({
  /** Keys of siblings that are to end before it. */
  after: z.array(key).max(MAX_ITEMS).default([]),
});
export type SpecReply = z.infer<typeof SpecReply>;

/** With fewer it is not split; with more, the whole was no task but a milestone. */
const FEWEST_PARTS = 2;
const MOST_PARTS = 6;

/** A large task as a graph of smaller ones. */
export const SplitReply = z.object({
  parts: z
    .array(
      SpecFields.extend({
        key,
        dependsOn: z
          .array(
            z.discriminatedUnion('type', [
              z.object({ type: z.literal('ordering'), on: key }),
              z.object({ type: z.literal('hard'), on: key, artifact: path }),
            ]),
          )
          .max(MAX_ITEMS)
          .default([]),
      }),
    )
    .min(FEWEST_PARTS)
    .max(MOST_PARTS),
});
export type SplitReply = z.infer<typeof SplitReply>;

const FIELDS = `"title": "at most 200 characters", "type": "implementation", "test", "fix", "refactor", "cleanup" or "docs", "instructions": "what to do, naming files and functions", "acceptance": ["a criterion that can be checked"], "deliverables": ["path that must exist afterwards, inside the scope"], "scope": ["path or glob that may be changed"], "references": ["existing file to read first"], "estimateMinutes": 60, "risk": "low", "medium" or "high"`;

export const SPEC_FORMAT = `Answer with one JSON object and nothing else:
{${FIELDS}, "after": ["keys of the siblings named below that must end first; mostly none"]}
All paths are relative to the project.
`;

export const SPLIT_FORMAT = `Answer with one JSON object and nothing else:
{"parts": [{"key": "short-name", ${FIELDS}, "dependsOn": [{"type": "ordering", "on": "key of another part that must end first"} or {"type": "hard", "on": "key", "artifact": "path among the deliverables of that part"}]}]}
Give ${FEWEST_PARTS} to ${MOST_PARTS} parts, each of one to three hours with one deliverable, together the whole and nothing more. No circles. All paths are relative to the project.
`;
