// @vitest-environment jsdom
import { tellTheWholeStory } from "./story.ts";

tellTheWholeStory();
