import type { Gap } from '../../../shared/model/gap.ts';
import type { Detector } from '../context.ts';
import { evidence } from '../files.ts';
import { agentGap } from '../makeGap.ts';
import { nextMilestone, type RoadmapItem } from '../roadmapFile.ts';

const ESTIMATE_MS = 60 * 60_000;
/** By its name alone: a list of unchecked boxes in any other document is no promise of work. */
const ROADMAP = /^(?:docs\/)?roadmap\.md$/i;
/** A shorter item (`Tests`) names no work. */
const FEWEST_WORDS = 2;
/** Of an item that is quoted, characters; the file itself is a reference of the task. */
const MOST_QUOTED = 4_000;
/** Parts of an item that become criteria of their own. */
const MOST_PARTS = 12;

/** Unchecked items of the first milestone of the roadmap that is not complete (G2). */
export const roadmap: Detector = {
  name: 'roadmap',
  find: (context) =>
    Promise.resolve(
      context.files
        .filter((file) => ROADMAP.test(file))
        .flatMap((file) => {
          const milestone = nextMilestone(context.text(file));
          if (milestone === null) return [];
          return milestone.items
            .filter(({ title }) => title.split(/\s+/).length >= FEWEST_WORDS)
            .map((item) => gapOf(file, milestone.title, item));
        }),
    ),
};

function gapOf(file: string, milestone: string, { title, line, text, open }: RoadmapItem): Gap {
  return agentGap(
    {
      detector: 'roadmap',
      file,
      symbol: title,
      title,
      type: 'implementation',
      instructions: `Do what this item of ${file} asks for, which belongs to the milestone “${milestone}”, then check its box:\n\n${text.slice(0, MOST_QUOTED)}`,
      acceptance: [
        'What the item asks for is there and works, with a test where it can be tested.',
        ...open.slice(0, MOST_PARTS).map((part) => `It includes: ${part}`),
        `The box of the item in ${file} is checked.`,
      ],
      deliverables: [file],
      // Where it will be done is not known before somebody has looked.
      scope: [],
      evidence: evidence(file, line, title),
      risk: 'medium',
    },
    ESTIMATE_MS,
  );
}
