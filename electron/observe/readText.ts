import { readFileSync } from 'node:fs';

/** The file as text; null when it is missing or can't be read, as a sensor that is switched off. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
