import { z } from 'zod';
import { ProjectId, TaskId } from '../ids.ts';

/** What most events of work are about. */
export const task = TaskId;
export const project = ProjectId;
/** An attempt by its number. */
export const attempt = z.number().int().positive();
