import { z } from 'zod';
import { parseJsonReply, type Parsed } from './jsonReply.ts';

const ReviewFinding = z.object({
  severity: z.enum(['blocker', 'major', 'minor']),
  file: z.string().min(1).max(500),
  line: z.number().int().positive().nullish(),
  problem: z.string().min(1).max(2_000),
  suggestion: z.string().max(2_000).default(''),
});

/** What a reviewer says of a change. Its words are data: they are shown and handed to the writer, nothing else. */
export const Review = z
  .object({
    verdict: z.enum(['approve', 'reject']),
    findings: z.array(ReviewFinding).max(50),
    summary: z.string().max(4_000),
  })
  .refine(({ verdict, findings }) => verdict === 'approve' || findings.length > 0, {
    path: ['findings'],
    message: 'a rejection names at least one finding',
  })
  .refine(
    ({ verdict, findings }) =>
      verdict === 'reject' || findings.every(({ severity }) => severity !== 'blocker'),
    { path: ['verdict'], message: 'a change with a blocker cannot be approved' },
  );
export type Review = z.infer<typeof Review>;

/** How a reviewer is to answer. */
export const REVIEW_FORMAT = `Answer with one JSON object and nothing else:
{"verdict": "approve" or "reject", "findings": [{"severity": "blocker", "major" or "minor", "file": "path", "line": 12, "problem": "what is wrong", "suggestion": "what to do"}], "summary": "one or two sentences"}
Leave "line" out where none fits. Reject only with a finding; approve only without a blocker.
`;

/** Reads a reviewer's verdict; what does not parse is no verdict, and `error` says what to ask again for. */
export function parseReview(text: string): Parsed<Review> {
  return parseJsonReply(text, Review);
}

/** What the writer is told of a review: it becomes the report of the attempt. */
export function reviewReport({ verdict, findings, summary }: Review): string {
  const lines = findings.map(({ severity, file, line, problem, suggestion }) => {
    const place = line === undefined || line === null ? file : `${file}:${line}`;
    return `- ${severity}, ${place}: ${problem}${suggestion === '' ? '' : ` Suggestion: ${suggestion}`}`;
  });
  return [`The reviewer would ${verdict} the change. ${summary}`.trim(), ...lines].join('\n');
}
