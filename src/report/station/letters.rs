//! Letters that can be read from two metres.

/// The height of a letter, and the most columns of one.
const ROWS: usize = 5;

/// The letters of the words on the screen, row by row.
const LETTERS: &[(char, [&str; ROWS])] = &[
    ('A', [" ### ", "#   #", "#####", "#   #", "#   #"]),
    ('C', [" ####", "#    ", "#    ", "#    ", " ####"]),
    ('D', ["#### ", "#   #", "#   #", "#   #", "#### "]),
    ('E', ["#####", "#    ", "#### ", "#    ", "#####"]),
    ('F', ["#####", "#    ", "#### ", "#    ", "#    "]),
    ('H', ["#   #", "#   #", "#####", "#   #", "#   #"]),
    ('I', ["###", " # ", " # ", " # ", "###"]),
    ('K', ["#   #", "#  # ", "###  ", "#  # ", "#   #"]),
    ('L', ["#    ", "#    ", "#    ", "#    ", "#####"]),
    ('N', ["#   #", "##  #", "# # #", "#  ##", "#   #"]),
    ('O', [" ### ", "#   #", "#   #", "#   #", " ### "]),
    ('P', ["#### ", "#   #", "#### ", "#    ", "#    "]),
    ('R', ["#### ", "#   #", "#### ", "#  # ", "#   #"]),
    ('S', [" ####", "#    ", " ### ", "    #", "#### "]),
    ('T', ["#####", "  #  ", "  #  ", "  #  ", "  #  "]),
    ('W', ["#   #", "#   #", "# # #", "## ##", "#   #"]),
    ('Y', ["#   #", " # # ", "  #  ", "  #  ", "  #  "]),
];

/// A word in large letters: each dot is twice as wide as a character, and with `scale` 2 four times
/// as wide and two rows high.
pub(super) fn rows(word: &str, scale: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for row in 0..ROWS {
        let mut line = String::new();
        for char in word.chars() {
            let Some((_, letter)) = LETTERS.iter().find(|(known, _)| *known == char) else {
                continue;
            };
            for dot in letter[row].chars().chain([' ']) {
                let drawn = if dot == ' ' { ' ' } else { '█' };
                line.extend(std::iter::repeat_n(drawn, 2 * scale));
            }
        }
        for _ in 0..scale {
            rows.push(line.clone());
        }
    }
    rows
}
