/** An application: names what it calls, and finds backends on its module path. */
module drawn {
    requires dev.sam2j.predictors;
}
