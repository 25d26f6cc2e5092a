/** Configurations of models and the YAML files they come from. */
module dev.sam2j.configs {
    requires transitive dev.sam2j.common;
    requires org.yaml.snakeyaml;

    exports dev.sam2j.configs;
}
