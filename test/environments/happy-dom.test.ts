// @vitest-environment happy-dom
import { tellTheWholeStory } from "./story.ts";

tellTheWholeStory();
