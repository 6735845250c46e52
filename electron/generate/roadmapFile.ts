/** An item of a roadmap that is not done. */
export interface RoadmapItem {
  readonly title: string;
  /** Counted from 1. */
  readonly line: number;
  /** The item with all that is indented under it, as written. */
  readonly text: string;
  /** Items under it that are not done either. */
  readonly open: readonly string[];
}

export interface Milestone {
  readonly title: string;
  readonly items: readonly RoadmapItem[];
}

interface Heading {
  readonly level: number;
  readonly title: string;
}

interface Box extends RoadmapItem {
  readonly indent: number;
  readonly end: number;
  readonly checked: boolean;
  /** The headings over it, the highest first. */
  readonly under: readonly Heading[];
}

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const BOX = /^(\s*)(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.*\S)/;
const FENCE = /^\s*(```|~~~)/;

/**
 * The first milestone of a Markdown roadmap with an unchecked box, and its unchecked items in their order.
 * Milestones are the highest headings below the document's title. Null when all is done.
 */
export function nextMilestone(markdown: string): Milestone | null {
  const boxes = boxesOf(markdown);
  const first = boxes.find(({ checked }) => !checked);
  if (first === undefined) return null;
  const level = milestoneLevel(markdown, boxes);
  const milestoneOf = ({ under }: Box): Heading | undefined =>
    under.find((heading) => heading.level >= level) ?? under.at(-1);
  const milestone = milestoneOf(first);
  const open = boxes.filter((box) => !box.checked && milestoneOf(box) === milestone);
  // What is under another open item belongs to it.
  const items = open.filter(
    (box) => !open.some((other) => other.line < box.line && box.line <= other.end),
  );
  return {
    title: milestone?.title ?? 'next',
    items: items.map(({ title, line, text, end }) => ({
      title,
      line,
      text,
      open: open.filter((box) => box.line > line && box.line <= end).map((box) => box.title),
    })),
  };
}

/** A single heading of the first level is the title of the document; the next level down is what it is made of. */
function milestoneLevel(markdown: string, boxes: readonly Box[]): number {
  const headings = new Set(boxes.flatMap(({ under }) => under));
  const titles = markdown.split('\n').filter((line) => /^#\s/.test(line)).length;
  const levels = [...headings].map(({ level }) => level).filter((level) => level > 1 || titles > 1);
  return Math.min(...levels, Number.MAX_SAFE_INTEGER);
}

function boxesOf(markdown: string): Box[] {
  // Comments and code keep their lines, so that numbers stay right, and lose what is in them.
  const lines = markdown
    .replaceAll(/<!--[^]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .split('\n');
  const boxes: Box[] = [];
  let under: Heading[] = [];
  let fence: string | null = null;
  lines.forEach((line, index) => {
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined && (fence === null || fence === mark))
      fence = fence === null ? mark : null;
    if (fence !== null) return;
    const heading = HEADING.exec(line);
    if (heading !== null) {
      const level = (heading[1] ?? '').length;
      under = [...under.filter((over) => over.level < level), { level, title: heading[2] ?? '' }];
    }
    const box = BOX.exec(line);
    if (box === null) return;
    const indent = (box[1] ?? '').length;
    const title = (box[3] ?? '').replaceAll(/\s+/g, ' ');
    // A struck item was given up.
    const checked = box[2] !== ' ' || /^~~.*~~$/.test(title);
    const end = endOf(lines, index, indent);
    const text = lines.slice(index, end).join('\n').trimEnd();
    boxes.push({ title, line: index + 1, text, open: [], indent, end, checked, under });
  });
  return boxes;
}

/** The line after an item and all that is indented under it. */
function endOf(lines: readonly string[], start: number, indent: number): number {
  let end = start + 1;
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    if (line.search(/\S/) <= indent || HEADING.test(line)) break;
    end = at + 1;
  }
  return end;
}
