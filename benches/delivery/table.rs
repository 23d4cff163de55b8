//! The table at the end: what was measured beside its goal.

/// One line of the table.
struct Line {
    case: String,
    ours: String,
    beside: String,
    /// The figure that the goal is about, the goal, and whether more is better.
    goal: Option<(f64, f64, bool)>,
}

/// Everything that was measured.
#[derive(Default)]
pub struct Table {
    lines: Vec<Line>,
}

impl Table {
    /// A figure without a goal.
    pub fn note(&mut self, case: impl Into<String>, ours: String, beside: String) {
        self.add(case.into(), ours, beside, None);
    }

    /// A figure that should be at least this.
    pub fn at_least(
        &mut self,
        case: impl Into<String>,
        figure: f64,
        goal: f64,
        ours: String,
        beside: String,
    ) {
        self.add(case.into(), ours, beside, Some((figure, goal, true)));
    }

    /// A figure that should be at most this.
    pub fn at_most(
        &mut self,
        case: impl Into<String>,
        figure: f64,
        goal: f64,
        ours: String,
        beside: String,
    ) {
        self.add(case.into(), ours, beside, Some((figure, goal, false)));
    }

    fn add(&mut self, case: String, ours: String, beside: String, goal: Option<(f64, f64, bool)>) {
        eprintln!("measured: {case}: {ours}; {beside}");
        self.lines.push(Line {
            case,
            ours,
            beside,
            goal,
        });
    }

    /// Whether no goal is missed.
    pub fn all_met(&self) -> bool {
        self.lines.iter().all(|line| line.goal.is_none_or(met))
    }

    /// Prints it, and how many goals are met.
    pub fn print(&self) {
        println!(
            "\n{:<58} {:>18} {:>26} {:>9} {:>9}",
            "case", "ours", "beside", "figure", "goal"
        );
        for line in &self.lines {
            let (figure, goal, word) = match line.goal {
                None => (String::new(), String::new(), ""),
                Some(goal) => {
                    let sign = if goal.2 { "≥" } else { "≤" };
                    (
                        short(goal.0),
                        format!("{sign} {}", short(goal.1)),
                        if met(goal) { "met" } else { "MISSED" },
                    )
                }
            };
            println!(
                "{:<58} {:>18} {:>26} {figure:>9} {goal:>9} {word}",
                line.case, line.ours, line.beside
            );
        }
        let goals: Vec<_> = self.lines.iter().filter_map(|line| line.goal).collect();
        let reached = goals.iter().filter(|goal| met(**goal)).count();
        println!("goals met: {reached} of {}", goals.len());
    }
}

fn met((figure, goal, more): (f64, f64, bool)) -> bool {
    if more { figure >= goal } else { figure <= goal }
}

fn short(figure: f64) -> String {
    if figure >= 100.0 {
        format!("{figure:.0}")
    } else {
        format!("{figure:.2}")
    }
}
