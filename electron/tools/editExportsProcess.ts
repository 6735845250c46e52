// A child process of its own (dist/editExports.js): reads an EditExportsRequest from standard input and
// prints the result.
import { text } from 'node:stream/consumers';
import { EditExportsRequest } from './editExports.ts';
import { withoutExports } from './exportEdits.ts';

const request = EditExportsRequest.parse(JSON.parse(await text(process.stdin)));
process.stdout.write(JSON.stringify(withoutExports(request.file, request.text, request.names)));
