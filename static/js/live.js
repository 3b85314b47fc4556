// Entry of any page with a part that stays fresh, such as a queue.
import { keepFresh } from "./fragments.js";
import { readyPage } from "./page.js";

readyPage();
document.querySelectorAll("[data-fragment-url]").forEach(keepFresh);
