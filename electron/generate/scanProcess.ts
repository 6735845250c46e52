// A child process of its own (dist/scan.js): reads a ScanInput from standard input and prints the
// ScanResult as the last line of standard output.
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { messageOf } from '../../shared/model/errors.ts';
import { ProjectProfile } from '../../shared/model/project.ts';
import { scan } from './scan.ts';

const Input = z.object({
  root: z.string(),
  profile: ProjectProfile,
  remoteUrl: z.string().nullable(),
});

try {
  const input = Input.parse(JSON.parse(await text(process.stdin)));
  const result = await scan(input, new AbortController().signal);
  process.stdout.write(`\n${JSON.stringify(result)}\n`);
} catch (error) {
  process.stderr.write(messageOf(error));
  process.exitCode = 1;
}
