// A child process of its own (dist/security.js): reads a SecurityRequest from standard input, scans,
// and prints a SecurityAnswer.
import { text } from 'node:stream/consumers';
import { messageOf } from '../../shared/model/errors.ts';
import { SecurityRequest, type SecurityAnswer } from './security.ts';

type Part = SecurityAnswer['secrets'];

/** One scanner that breaks must not take the other's answer with it. */
async function answered(scan: Promise<Part>): Promise<Part> {
  return scan.catch((error: unknown) => ({ findings: [], trouble: messageOf(error) }));
}

async function secrets({ lines }: SecurityRequest): Promise<Part> {
  const { newSecrets } = await import('./secretScan.ts');
  return { findings: await newSecrets(lines), trouble: null };
}

async function unsafe({ sources }: SecurityRequest): Promise<Part> {
  if (sources.length === 0) return { findings: [], trouble: null };
  const { newUnsafeCode } = await import('./staticScan.ts');
  return newUnsafeCode(sources);
}

try {
  const request = SecurityRequest.parse(JSON.parse(await text(process.stdin)));
  const answer: SecurityAnswer = {
    secrets: await answered(secrets(request)),
    static: await answered(unsafe(request)),
  };
  process.stdout.write(JSON.stringify(answer));
} catch (error) {
  process.stderr.write(messageOf(error));
  process.exitCode = 1;
}
