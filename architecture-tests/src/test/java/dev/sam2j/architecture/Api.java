package dev.sam2j.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** What applications see of SAM2J, and rules for it. */
final class Api {
    /** The packages that are exported to everybody; all others are internal. */
    static final Set<String> PACKAGES = Set.of(
            "dev.sam2j",
            "dev.sam2j.configs",
            "dev.sam2j.weights",
            "dev.sam2j.predictors",
            "dev.sam2j.predictors.auto",
            "dev.sam2j.predictors.image",
            "dev.sam2j.predictors.mask",
            "dev.sam2j.predictors.video",
            "dev.sam2j.training",
            "dev.sam2j.video");

    /** Types that applications can name. */
    static final DescribedPredicate<JavaClass> VISIBLE = describe("visible to applications", Api::visible);

    /** Types with a file of their own. */
    static final DescribedPredicate<JavaClass> TOP_LEVEL = describe(
            "top-level", type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"));

    private Api() {}

    private static boolean visible(JavaClass type) {
        return PACKAGES.contains(type.getPackageName())
                && open(type.getModifiers())
                && type.getEnclosingClass().map(Api::visible).orElse(true);
    }

    private static boolean open(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    /** Whether a type may stand in a signature of the API: it belongs to it, or is not ours. */
    private static boolean mayBeShown(JavaClass type) {
        JavaClass element = type.getBaseComponentType();
        return visible(element) || !element.getPackageName().startsWith("dev.sam2j");
    }

    static ArchCondition<JavaClass> showOnlyTheApi() {
        return condition("show only types of the API", (type, events) -> {
            Stream<JavaType> ancestors = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
            ancestors
                    .flatMap(ancestor -> ancestor.getAllInvolvedRawTypes().stream())
                    .filter(shown -> !mayBeShown(shown))
                    .forEach(shown -> violated(events, type, type.getName() + " extends " + shown.getName()));
            for (JavaMember member : type.getMembers()) {
                if (open(member.getModifiers())) {
                    member.getAllInvolvedRawTypes().stream()
                            .filter(shown -> !mayBeShown(shown))
                            .forEach(shown ->
                                    violated(events, type, member.getFullName() + " shows " + shown.getName()));
                }
            }
        });
    }

    static ArchCondition<JavaClass> declareNoCheckedExceptions() {
        return condition("declare no checked exceptions", (type, events) -> {
            for (JavaCodeUnit method : type.getCodeUnits()) {
                method.getExceptionTypes().stream()
                        .filter(e -> open(method.getModifiers()) && !e.isAssignableTo(RuntimeException.class))
                        .forEach(e -> violated(events, type, method.getFullName() + " throws " + e.getName()));
            }
        });
    }

    private static void violated(ConditionEvents events, JavaClass type, String message) {
        events.add(SimpleConditionEvent.violated(type, message));
    }

    private static ArchCondition<JavaClass> condition(String name, BiConsumer<JavaClass, ConditionEvents> check) {
        return new ArchCondition<>(name) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                check.accept(type, events);
            }
        };
    }
}
