// Entry of the desk's board: stays fresh, opens drawers, listens to keys.
import { enhanceComboboxes } from "./combobox.js";
import { keepFresh, openDrawers } from "./fragments.js";
import { listenToKeys } from "./keys.js";
import { readyPage } from "./page.js";

readyPage();
enhanceComboboxes();
openDrawers();
listenToKeys();
document.querySelectorAll("[data-fragment-url]").forEach(keepFresh);
