/** Words that say nothing of what is looked for. */
const COMMON = new Set(
  'a an and are as at be been but by can could do does done each every for from has have how if in into is it its may must no not of on only or over out such than that the their them then there these they this those through to under up was were what when where which while who whose why will with without would should you your we our us all any also more most other some same so too very via per one two new use used using uses make makes made get gets add adds files const let return export import function type string number true false null undefined async await readonly interface class'.split(
    ' ',
  ),
);
/** A longer token is a hash or data. */
const LONGEST_WORD = 40;

/** Words of a text in their order, lower case: identifiers as they are, and split at `_`, `-` and capitals. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [identifier] of text.matchAll(/[\p{L}\p{N}_$]+/gu)) {
    if (identifier.length > LONGEST_WORD) continue;
    const parts = identifier
      .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
      .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .split(/[ _$]+/)
      .filter((part) => part !== '')
      .map((part) => part.toLowerCase());
    words.push(...parts);
    if (parts.length > 1) words.push(identifier.toLowerCase());
  }
  return words;
}

/** The words of a question that can find something, each once, the first ones first. */
export function searchWords(text: string, most: number): string[] {
  const words = wordsOf(text).filter((word) => word.length > 1 && !COMMON.has(word));
  return [...new Set(words)].slice(0, most);
}

/** Names that a piece of code declares: what it is about, rather than what it mentions. */
export function declaredNames(text: string): string[] {
  const found = text.matchAll(
    /\b(?:function\*?|class|interface|type|enum|const|let|var|def|fn|func|struct|trait|impl|module|package|describe|it)\s*\(?['"`]?([\p{L}_$][^\s(:=<{'"`;,]*)/gu,
  );
  return [...found].map(([, name]) => name ?? '');
}
