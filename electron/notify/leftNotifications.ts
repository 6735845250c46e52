import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isErrno } from '../../shared/model/errors.ts';
