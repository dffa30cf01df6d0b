// kling-api: keeps its built-in host, insists on HTTPS, refuses clips from loopback, stores the clip itself.

import { dirname } from 'node:path';
import { renameSync } from 'node:fs';
import { KlingAPI } from 'kling-api';

const clip = process.argv[2];
const kling = new KlingAPI();

const task = await kling.imageToVideo({
  image: 'https://upload.wikimedia.org/boat.jpg', prompt: 'A paper boat', model_name: 'kling-v2-6', mode: 'pro',
});
console.log('submit');

const query = (id) => kling.queryImageToVideoTask(id);
const result = await kling.waitForVideoResult(task.data.task_id, query, { interval: 200, showSpinner: false });
console.log('poll');

const now = Date.now();
await kling.getAccountInfo(now - 3600000, now);
console.log('costs');

const [path] = await kling.saveVideoResult(result, dirname(clip), 'boat');
renameSync(path, clip);
console.log('clip');
