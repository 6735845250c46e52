import type { ReviewView } from '../../../shared/model/reviewApi.ts';
import { facts, heading, paragraph } from './blocks.ts';
import type { Look } from './look.ts';
import { table } from './table.ts';
import { clean, cleanLines } from './text.ts';

/** What waits for a person's yes or no. */
export function renderReviews(reviews: readonly ReviewView[], look: Look): string[] {
  if (reviews.length === 0) return ['Nothing waits for a review.'];
  const { colours } = look;
  return [
    ...table(
      reviews,
      [
        { head: 'task', cell: (review) => review.task.id, paint: () => colours.bold },
        { head: 'title', cell: (review) => review.task.title, flexible: true },
        {
          head: 'why it waits',
          cell: (review) => review.why,
          flexible: true,
          paint: () => colours.yellow,
        },
      ],
      look,
    ),
    '',
    colours.dim(
      'See one with `vigil review show T-…`, answer with `vigil review approve T-…` or `reject`.',
    ),
  ];
}

/** One review with its checks and the diff. */
export function renderReview(review: ReviewView, look: Look): string[] {
  const { colours } = look;
  const { verification } = review;
  return [
    `${colours.bold(review.task.id)} ${clean(review.task.title)}`,
    ...facts(
      [
        ['why', review.why],
        ['attempt', String(review.attempt)],
        ['commit', review.commit],
        ['quality', verification === null ? null : verification.quality.toFixed(2)],
      ],
      look,
    ),
    ...(verification?.checks ?? []).flatMap((check) =>
      paragraph(
        `${check.name}: ${check.detail}`,
        look,
        `  ${check.verdict === 'passed' ? colours.green('✓') : check.verdict === 'failed' ? colours.red('✗') : colours.yellow('?')} `,
      ),
    ),
    ...(review.diff === null && review.commit === null ? [] : heading('Diff', look)),
    ...(review.diff === null && review.commit !== null
      ? paragraph('It has not arrived from the node that made it yet.', look, '  ')
      : []),
    ...renderDiff(review.diff ?? '', look),
    '',
    `Answer with \`vigil review approve ${review.task.id}\` or \`vigil review reject ${review.task.id} --reason "…"\`.`,
  ];
}

/** A unified diff in colour. Its lines are not cut: what is approved must be seen whole. */
function renderDiff(diff: string, look: Look): string[] {
  const { colours } = look;
  return cleanLines(diff.trimEnd()).map((line) => {
    if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff '))
      return colours.bold(line);
    if (line.startsWith('@@')) return colours.cyan(line);
    if (line.startsWith('+')) return colours.green(line);
    if (line.startsWith('-')) return colours.red(line);
    return line;
  });
}
